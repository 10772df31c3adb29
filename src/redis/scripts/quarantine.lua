-- Keeps an authentic but invalid delivery: it may be the only warning (I3). Bounded: the oldest goes first.
-- KEYS 1 partition tag
-- ARGV 1 entry JSON without time · 2 how many to keep
-- Reply how many are kept now
local t = redis.call('TIME')
local entry = cjson.decode(ARGV[1])
entry.at = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('LPUSH', KEYS[1] .. ':quarantine', cjson.encode(entry))
redis.call('LTRIM', KEYS[1] .. ':quarantine', 0, ARGV[2] - 1)
redis.call('HINCRBY', KEYS[1] .. ':intake', 'rejected', 1)
return redis.call('LLEN', KEYS[1] .. ':quarantine')
