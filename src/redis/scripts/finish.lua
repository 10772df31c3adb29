-- Ends a claim: 'done' for good, or 'retry' where the gateway certainly did nothing.
-- KEYS 1 partition tag
-- ARGV 1 action key · 2 fence · 3 'done' | 'retry' · 4 result JSON · 5 what the ledger keeps of the result
-- Reply 1 recorded, 0 the fence is not the current one (a zombie) or the action is done already
local action = KEYS[1] .. ':action:' .. ARGV[1]
local entry = redis.call('HMGET', action, 'fence', 'st', 'incident')
if entry[1] ~= ARGV[2] or entry[2] ~= 'started' then return 0 end
redis.call('HSET', action, 'st', ARGV[3], 'result', ARGV[4])
redis.call('HDEL', action, 'owner', 'exp', 'mode')
if entry[3] and entry[3] ~= '' then
  attach(KEYS[1], entry[3], ARGV[4], ARGV[5])
  local detail = '{"action":' .. quote(ARGV[1]) .. ',"attempt":' .. ARGV[2] .. ',"end":' .. quote(ARGV[3]) .. ',"result":' .. ARGV[5] .. '}'
  local failure = ARGV[3] == 'retry' and 'retry' or nil
  callCame(KEYS[1], entry[3], 'call-claimed', 'call-finished', ARGV[1], detail, detail, failure, ARGV[5])
end
return 1
