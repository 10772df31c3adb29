-- Keeps a verdict, first one stays, and lists it for the agent and for people (D14, D15).
-- KEYS 1 partition tag
-- ARGV 1 signal id · 2 agent id · 3 time of what is behind it, ms · 4 verdict JSON · 5 lifetime ms · 6 most kept in the list of recent ones
-- Reply {JSON that stands, kept at ms, incident id or ''}
-- open-incident.lua may have written `incident` before: both write only their own fields.
local tag = KEYS[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local verdict = tag .. ':verdict:' .. ARGV[1]
if redis.call('HSETNX', verdict, 'json', ARGV[4]) == 1 then
  redis.call('HSET', verdict, 'at', now)
  redis.call('PEXPIRE', verdict, ARGV[5])
  local own = tag .. ':verdicts:' .. ARGV[2]
  redis.call('ZADD', own, ARGV[3], ARGV[1])
  redis.call('ZREMRANGEBYRANK', own, 0, -101)
  redis.call('PEXPIRE', own, ARGV[5])
  redis.call('ZADD', tag .. ':verdicts', now, ARGV[1])
  redis.call('ZREMRANGEBYRANK', tag .. ':verdicts', 0, -1 - ARGV[6])
end
local kept = redis.call('HMGET', verdict, 'json', 'at', 'incident')
return { kept[1], kept[2], kept[3] or '' }
