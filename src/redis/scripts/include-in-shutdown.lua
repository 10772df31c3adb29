-- Adds agents to the fleet shutdown in force (P4), before they are handed over: whoever resumes it finds them.
-- KEYS 1 fleet tag
-- ARGV 1 shutdown id · 2... agent id and id of the verdict that freezes it, in turns
-- Reply 1, or 0: it is not in force any more, and nobody was added
if redis.call('HGET', KEYS[1] .. ':shutdown', 'id') ~= ARGV[1] then return 0 end
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1] .. ':shutdown:' .. ARGV[1] .. ':agents', ARGV[i], ARGV[i + 1]) end
return 1
