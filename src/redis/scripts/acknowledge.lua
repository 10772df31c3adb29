-- A person takes an incident on, which ends its escalation for good (N2). The first one stays.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 who
-- Refuses nobody with an error.
-- Reply {'acknowledged' | 'acknowledged-before' | 'over' | 'unknown', who has it or '', since when ms or ''}
local tag = KEYS[1]
local incident = tag .. ':incident:' .. ARGV[1]
local known = redis.call('HMGET', incident, 'id', 'closedAt')
if not known[1] then return { 'unknown', '', '' } end
if known[2] then return { 'over', '', '' } end
if ARGV[2] == '' then return redis.error_reply('ERR who must be said') end
local answer = 'acknowledged-before'
if takeOn(tag, ARGV[1], ARGV[2]) == 1 then
  answer = 'acknowledged'
  record(tag, ARGV[1], 'contain', 'acknowledged', '{"by":' .. quote(ARGV[2]) .. '}')
end
local has = redis.call('HMGET', incident, 'acknowledgedBy', 'acknowledgedAt')
return { answer, has[1], has[2] }
