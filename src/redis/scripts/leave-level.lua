-- An incident that is in hand tells nobody of a level any more: nobody is covered by it from now on (cover-level.lua).
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 priority · 3 level from 0
-- Reply the incidents that it covered so far, in order of their ids. Safe to run twice.
local incident = KEYS[1] .. ':incident:' .. ARGV[1]
local level = ARGV[2] .. ':' .. ARGV[3]
if redis.call('EXISTS', incident) == 0 then return {} end
redis.call('HSET', incident, 'left:' .. level, 1)
local covered = redis.call('SMEMBERS', incident .. ':covers:' .. level)
table.sort(covered)
return covered
