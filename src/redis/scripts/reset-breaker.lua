-- A person closes a breaker, and is remembered for it.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 who · 3 reason · 4 how long that is remembered, ms
-- Reply 1 it was open, 0 it was not
local tag = KEYS[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local breaker = tag .. ':breaker:' .. ARGV[1]
local wasOpen = redis.call('HEXISTS', breaker, 'openedAt')
redis.call('HSET', breaker, 'resetBy', ARGV[2], 'resetReason', ARGV[3], 'resetAt', now)
redis.call('HDEL', breaker, 'openedAt', 'failures', 'probe', 'probeAt')
redis.call('PEXPIRE', breaker, ARGV[4])
redis.call('ZREM', tag .. ':breakers', ARGV[1])
changed(tag, 'fleet')
return wasOpen
