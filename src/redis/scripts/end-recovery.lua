-- Ends a recovery and its incident (R2, R3): resolved where the agent is still free under this recovery's epoch, else superseded by
-- the incident that took its place. Which of the two is decided here, since new trouble may begin at any moment.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 the change it was decided by · 3 epoch of the recovery · 4 detail JSON · 5 what the ledger keeps of the detail
--      6 how often the agent had been warned of when that was decided
-- Reply {'resolved', ''} | {'superseded', incident id} | {'stale', ''}: changed by somebody else, being stood down, not recovering, or
-- warned of meanwhile (keep-verdict.lua)
local tag = KEYS[1]
local incident = tag .. ':incident:' .. ARGV[1]
local known = redis.call('HMGET', incident, 'status', 'recovery', 'standDownBy', 'agentId')
if known[1] ~= 'recovering' or known[3] then return { 'stale', '' } end
if tostring(cjson.decode(known[2]).change) ~= ARGV[2] then return { 'stale', '' } end
local agent = tag .. ':agent:' .. known[4]
local stands = redis.call('HMGET', agent, 'epoch', 'lastIncident', 'warned')
local isFree = stands[1] == ARGV[3] and redis.call('SCARD', agent .. ':holds') == 0
if isFree and (stands[3] or '0') ~= ARGV[6] then return { 'stale', '' } end
setIncident(tag, ARGV[1], 'status', 'resolved', 'closedAt', now)
countClosed(tag, ARGV[1])
tellRuns(tag, ARGV[1], true)
if not isFree then
  redis.call('HSET', incident, 'supersededBy', stands[2])
  record(tag, ARGV[1], 'recover', 'superseded', '{"by":' .. quote(stands[2]) .. '}')
  redis.call('ZREM', tag .. ':attention', ARGV[1])
  -- Told late, the agent may be recovering again by now.
  if redis.call('HGET', tag .. ':incident:' .. stands[2], 'status') ~= 'recovering' then redis.call('ZREM', tag .. ':recovering', known[4]) end
  return { 'superseded', stands[2] }
end
redis.call('HINCRBY', agent, 'epoch', 1)
redis.call('HINCRBY', agent, 'afresh', 1)
record(tag, ARGV[1], 'recover', 'resolved', ARGV[4], ARGV[5])
redis.call('ZREM', tag .. ':attention', ARGV[1])
redis.call('ZREM', tag .. ':recovering', known[4])
redis.call('HDEL', agent, 'snapAt', 'snapSource', 'snapDaily', 'snapMonthly', 'snapThreshold', 'snapRaised', 'capsAt', 'walletFrozenAt')
return { 'resolved', '' }
