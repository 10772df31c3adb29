-- A write that lowers an agent's cap or freezes its wallet was answered, or did not go out after all (G9).
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 incident id · 3 token of the write · 4 what came of it, JSON · 5 '1' where it can still take effect
-- Reply 1
-- A full Redis refuses the first line that needs memory and would still remove: what removes comes last.
callAnswered(KEYS[1], ARGV[2], ARGV[4], ARGV[4])
if ARGV[5] ~= '1' then redis.call('ZREM', KEYS[1] .. ':agent:' .. ARGV[1] .. ':lowering', ARGV[3]) end
return 1
