-- Moves an incident along the table in incident/incident.ts, or refuses.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 status to · 3 comma list of statuses it may come from · 4 phase · 5 detail JSON · 6 '1' if `to` ends it
--      7 what the ledger keeps of the detail
-- Reply {1 | 0, status now}
local tag = KEYS[1]
local incident = tag .. ':incident:' .. ARGV[1]
local from = redis.call('HGET', incident, 'status')
if not from then return { 0, '' } end
if not string.find(',' .. ARGV[3] .. ',', ',' .. from .. ',', 1, true) then return { 0, from } end
setIncident(tag, ARGV[1], 'status', ARGV[2])
if ARGV[2] == 'contained' then
  if redis.call('HSETNX', incident, 'containedAt', now) == 1 then observe(tag, 'containment', nil, now - arrivedAt(tag, ARGV[1])) end
  -- What follows from it is still to be handed over (contain/contain.ts), also where whoever did this dies now.
  redis.call('HSET', incident, 'lastContainedAt', now)
end
tellRuns(tag, ARGV[1], true)
record(tag, ARGV[1], ARGV[4], ARGV[2], ARGV[5], ARGV[7])
if ARGV[6] == '1' then
  local agent = tag .. ':agent:' .. redis.call('HGET', incident, 'agentId')
  redis.call('HSET', incident, 'closedAt', now)
  countClosed(tag, ARGV[1])
  -- What its windows know by now has been answered (observe-money.lua).
  redis.call('HINCRBY', agent, 'afresh', 1)
  redis.call('ZREM', tag .. ':attention', ARGV[1])
  if redis.call('HGET', agent, 'incident') == ARGV[1] then redis.call('HDEL', agent, 'incident') end
  -- A dry run raised no epoch: this is what tells the next trouble from this one.
  if redis.call('HGET', incident, 'dryRun') == '1' then redis.call('HINCRBY', agent, 'observedEnded', 1) end
end
return { 1, ARGV[2] }
