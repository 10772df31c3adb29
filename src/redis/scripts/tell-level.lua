-- Whether one level of an incident's escalation is to be told now, decided and counted in one act (N2).
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 priority · 3 level from 0 · 4 comma list of channels · 5 detail JSON · 6 what the ledger keeps of it
-- Reply 'told' | 'told-before': this very level was counted before, whoever counted it may still be telling
--   | 'in-hand': somebody has it, or it is over · 'raised': the levels of another priority count by now · 'early' | 'unknown'
-- The answer of a level that was counted stays 'told-before' until the incident is in hand, so a job that died in between goes on.
local tag = KEYS[1]
local incident = tag .. ':incident:' .. ARGV[1]
local field = 'told:' .. ARGV[2] .. ':' .. ARGV[3]
local known = redis.call('HMGET', incident, 'escalationPriority', 'escalationTold', field)
if not known[1] then return 'unknown' end
if isInHand(incident) then
  redis.call('ZREM', tag .. ':escalations', ARGV[1])
  if redis.call('HSETNX', incident, 'escalationSpared', now) == 1 then
    record(tag, ARGV[1], 'contain', 'escalation-not-needed', '{"level":' .. ARGV[3] .. ',"priority":' .. quote(ARGV[2]) .. '}')
  end
  return 'in-hand'
end
if known[3] then return 'told-before' end
if known[1] ~= ARGV[2] then return 'raised' end
local due = redis.call('ZSCORE', tag .. ':escalations', ARGV[1])
if known[2] ~= ARGV[3] or not due or tonumber(due) > now then return 'early' end
redis.call('HSET', incident, field, ARGV[4])
redis.call('HINCRBY', incident, 'escalationTold', 1)
record(tag, ARGV[1], 'contain', 'escalated', ARGV[5], ARGV[6])
bookNextLevel(tag, ARGV[1])
return 'told'
