-- Ends a silence now; it stays listed as expired.
-- KEYS 1 fleet tag
-- ARGV 1 id
-- Reply 1 ended, 0 there is none, or it had ended
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local silences = KEYS[1] .. ':silences'
local json = redis.call('HGET', silences, ARGV[1])
if not json then return 0 end
local silence = cjson.decode(json)
if silence['until'] <= now then return 0 end
silence['until'] = now
if silence.from > now then silence.from = now end
redis.call('HSET', silences, ARGV[1], cjson.encode(silence))
changed(KEYS[1], 'fleet')
return 1
