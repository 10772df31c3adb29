-- Keeps a verdict, first one stays, and lists it for the agent and for people (D14, D15). A warning that speaks against a recovery
-- is counted on the agent, each time that it rests on something newer: the recovery compares, and its scripts do in the act (R2).
-- KEYS 1 partition tag
-- ARGV 1 signal id · 2 agent id · 3 time of what is behind it, ms · 4 verdict JSON · 5 lifetime ms · 6 most kept in the list of recent ones
--      7 whether it speaks against a recovery: 'always' | 'unless-caps-are-low' | 'never' · 8 how old what is behind it may be for that, ms
-- Reply {JSON that stands, kept at ms, incident id or ''}
-- open-incident.lua may have written `incident` before: both write only their own fields. Concluded again from nothing newer it is a
-- repeated job or a replay, and no news: the list that people see is bounded, and what is counted is not.
local tag = KEYS[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local verdict = tag .. ':verdict:' .. ARGV[1]
local agent = tag .. ':agent:' .. ARGV[2]
local known = redis.call('HMGET', verdict, 'json', 'newest')
local newest = known[1] and tonumber(known[2] or cjson.decode(known[1]).signal.occurredAt)
local isNewer = not newest or tonumber(ARGV[3]) > newest

local function isTrouble()
  if not isNewer or ARGV[7] == 'never' or now - ARGV[3] > tonumber(ARGV[8]) then return false end
  local last = ARGV[7] == 'unless-caps-are-low' and redis.call('HGET', agent, 'lastIncident')
  return not (last and keepsCapsLow(tag, last))
end
if isTrouble() then
  redis.call('HINCRBY', agent, 'warned', 1)
  redis.call('HSET', agent, 'warnedBy', ARGV[1])
end

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
if isNewer then redis.call('HSET', verdict, 'newest', ARGV[3]) end
local kept = redis.call('HMGET', verdict, 'json', 'at', 'incident')
return { kept[1], kept[2], kept[3] or '' }
