-- Ends a claim: 'done' for good, or 'retry' where the gateway certainly did nothing.
-- KEYS 1 partition tag
-- ARGV 1 action key · 2 fence · 3 'done' | 'retry' · 4 result JSON
-- Reply 1 recorded, 0 the fence is not the current one (a zombie) or the action is done already
local action = KEYS[1] .. ':action:' .. ARGV[1]
local entry = redis.call('HMGET', action, 'fence', 'st')
if entry[1] ~= ARGV[2] or entry[2] ~= 'started' then return 0 end
redis.call('HSET', action, 'st', ARGV[3], 'result', ARGV[4])
redis.call('HDEL', action, 'owner', 'exp', 'mode')
return 1
