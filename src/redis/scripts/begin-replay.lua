-- Keeps who replays a dead letter and why, before the queue gets it back: of two who ask at once the first.
-- KEYS 1 partition tag
-- ARGV 1 queue · 2 job id · 3 ms in which a second asker is told that the first is at it · 4 JSON {by, reason, cause, attempts}
--      5 retention ms
-- Reply {'begun' | 'busy', number of the replay} · {'not-failed', 0} the job is no dead letter
local queue = KEYS[1] .. ':' .. ARGV[1]
local failedAt = redis.call('ZSCORE', queue .. ':failed', ARGV[2])
if not failedAt then return { 'not-failed', 0 } end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local replays = KEYS[1] .. ':replays:' .. ARGV[1] .. ':' .. ARGV[2]
local count = redis.call('HGET', replays, 'count')
local last = count and cjson.decode(redis.call('HGET', replays, count))
-- The same death: whoever asked first either has it in hand, or went away in the middle of it.
if last and last.failedAt == tonumber(failedAt) and now - last.at < tonumber(ARGV[3]) then return { 'busy', tonumber(count) } end
local number = redis.call('HINCRBY', replays, 'count', 1)
redis.call('HSET', replays, number, string.format('{"at":%d,"failedAt":%d,', now, failedAt) .. string.sub(ARGV[4], 2))
redis.call('PEXPIRE', replays, ARGV[5])
-- It may be taken down with its worker as often as a new job (queues/jobs.ts, maxStalledCount).
redis.call('HDEL', queue .. ':' .. ARGV[2], 'stc')
changed(KEYS[1], 'dead-letters')
return { 'begun', number }
