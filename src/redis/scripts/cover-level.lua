-- Whether what one incident of a group tells of a level covers others of it as well (N2).
-- KEYS 1 partition tag of the incident that tells
-- ARGV 1 incident that tells · 2 priority · 3 level from 0 · 4 'counted': once it has counted its level | 'handed': it is about to
--      be told itself, in place of one that is in hand by now · 5 kept for ms · 6... incidents to be covered
-- Reply 'covered' · 'early': it has not counted its level yet, and may never do · 'released': it tells nobody of this any more
-- Set covers:<priority>:<level> of an incident: whoever counts on it. Field left:<priority>:<level>: its messages were given up.
local incident = KEYS[1] .. ':incident:' .. ARGV[1]
local level = ARGV[2] .. ':' .. ARGV[3]
local covers = incident .. ':covers:' .. level
if #ARGV == 6 and redis.call('SISMEMBER', covers, ARGV[6]) == 1 then return 'covered' end
local known = redis.call('HMGET', incident, 'escalationPriority', 'told:' .. level, 'left:' .. level)
if not known[1] or known[3] then return 'released' end
if ARGV[4] == 'handed' then
  if isInHand(incident) then return 'released' end
elseif not known[2] then
  return (isInHand(incident) or known[1] ~= ARGV[2]) and 'released' or 'early'
end
for i = 6, #ARGV do redis.call('SADD', covers, ARGV[i]) end
if #ARGV > 5 then redis.call('PEXPIRE', covers, ARGV[5]) end
return 'covered'
