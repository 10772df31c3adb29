-- Changes what is kept of a recovery, in one act with the line that tells of it (R1, R2).
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 the change it was decided by, or '' where nobody may have asked yet · 3 recovery JSON, or '' to withdraw it
--      4 comma list of statuses the incident may have · 5 what, or '' where nothing is told · 6 detail JSON
--      7 what the ledger keeps of the detail · 8 how often the agent had been warned of, where the change must not follow a warning; else ''
-- Reply 1 done, 0 not: changed by somebody else, being stood down, in another status, or warned of meanwhile (keep-verdict.lua)
-- A script that is run twice finds its own change and answers 0; whoever sent it loads and goes on from there.
local incident = KEYS[1] .. ':incident:' .. ARGV[1]
local known = redis.call('HMGET', incident, 'status', 'recovery', 'standDownBy', 'agentId')
if not known[1] or known[3] or not string.find(',' .. ARGV[4] .. ',', ',' .. known[1] .. ',', 1, true) then return 0 end
local change = known[2] and tostring(cjson.decode(known[2]).change) or ''
if change ~= ARGV[2] then return 0 end
if ARGV[8] ~= '' and (redis.call('HGET', KEYS[1] .. ':agent:' .. known[4], 'warned') or '0') ~= ARGV[8] then return 0 end
if ARGV[3] == '' then
  redis.call('HDEL', incident, 'recovery')
else
  redis.call('HSET', incident, 'recovery', ARGV[3])
  takeOn(KEYS[1], ARGV[1], cjson.decode(ARGV[3]).by)
end
if ARGV[5] ~= '' then record(KEYS[1], ARGV[1], 'recover', ARGV[5], ARGV[6], ARGV[7]) end
return 1
