-- Records what became of an accepted event, once (G2): accepted = dispositions + pending holds because the three move together.
-- KEYS 1 partition tag
-- ARGV 1 event id · 2 disposition · 3 reason · 4 retention ms · 5 the same for telemetry of agents that led to nothing
--      6 when it happened, ms, or '' for when it was received
-- Reply 1 recorded, 0 it had a disposition already or was never accepted
local tag = KEYS[1]
local event = tag .. ':event:' .. ARGV[1]
if not redis.call('ZSCORE', tag .. ':pending', ARGV[1]) then return 0 end
-- A full Redis refuses the first line that needs memory and would still remove: what removes comes last.
redis.call('HSET', event, 'disposition', ARGV[2], 'reason', ARGV[3])
redis.call('HINCRBY', tag .. ':intake', ARGV[2], 1)
redis.call('ZREM', tag .. ':pending', ARGV[1])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local known = redis.call('HMGET', event, 'at', 'source')
observe(tag, 'detection', known[2], now - (tonumber(ARGV[6]) or tonumber(known[1]) or now))
local isIdle = ARGV[2] == 'ignored' and known[2] == 'activity'
redis.call('PEXPIRE', event, isIdle and ARGV[5] or ARGV[4])
return 1
