-- Gives back a look that did not take place (I7).
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 owner
-- Reply 1 given back, 0 somebody else looks by now
local watch = KEYS[1] .. ':watch:' .. ARGV[1]
if redis.call('HGET', watch, 'owner') ~= ARGV[2] then return 0 end
redis.call('HDEL', watch, 'owner', 'until')
return 1
