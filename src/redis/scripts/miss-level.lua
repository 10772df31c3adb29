-- A level of an escalation that nobody told in time (N2): recorded once, and whether it is time to say it aloud again.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 priority · 3 level from 0 · 4 missed once it is due for so long, ms · 5 aloud at most every ms
-- Reply 1: say it · 0: said lately, or told, acknowledged or over by now
local tag = KEYS[1]
local incident = tag .. ':incident:' .. ARGV[1]
local known = redis.call('HMGET', incident, 'escalationPriority', 'escalationTold', 'escalationMissedAt')
local due = redis.call('ZSCORE', tag .. ':escalations', ARGV[1])
if not due or now - due < tonumber(ARGV[4]) or known[1] ~= ARGV[2] or known[2] ~= ARGV[3] or isInHand(incident) then return 0 end
if redis.call('HSETNX', incident, 'missed:' .. ARGV[2] .. ':' .. ARGV[3], now) == 1 then
  local detail = '{"dueAt":' .. string.format('%d', due) .. ',"level":' .. ARGV[3] .. ',"priority":' .. quote(ARGV[2]) .. '}'
  record(tag, ARGV[1], 'contain', 'escalation-missed', detail)
elseif known[3] and now - known[3] < tonumber(ARGV[5]) then
  return 0
end
redis.call('HSET', incident, 'escalationMissedAt', now)
return 1
