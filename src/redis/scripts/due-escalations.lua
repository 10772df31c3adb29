-- Levels whose time has come and that nobody was told of; what somebody has by now, or what is over, is due no more (N2).
-- KEYS 1 partition tag
-- ARGV 1 due for at least so long, ms · 2 at most
-- Reply {incident id, agent id, priority, level from 0, ...}, the longest due first. Counts nothing: tell-level.lua does.
local tag = KEYS[1]
local escalations = tag .. ':escalations'
local reply = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', escalations, '-inf', now - ARGV[1], 'LIMIT', 0, ARGV[2])) do
  local incident = tag .. ':incident:' .. id
  if isInHand(incident) then
    redis.call('ZREM', escalations, id)
  else
    local known = redis.call('HMGET', incident, 'agentId', 'escalationPriority', 'escalationTold')
    for _, word in ipairs({ id, known[1], known[2], tonumber(known[3]) }) do reply[#reply + 1] = word end
  end
end
return reply
