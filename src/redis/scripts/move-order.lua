-- Says how far an order is that was claimed (claim-order.lua). Only its owner's: a claim that ran out is another one's, or nobody's,
-- and a command that Redis takes up late changes nothing any more.
-- KEYS 1 fleet tag
-- ARGV 1 digest of credential, operation and key · 2 owner · 3 'begun' | 'done' | 'cut-off' | 'free' · 4 how long it is kept, ms
--      5 the reply of what is done, or ''
-- Reply 1 said, 0 it is not the owner's
local order = KEYS[1] .. ':idempotency:' .. ARGV[1]
if redis.call('HGET', order, 'owner') ~= ARGV[2] then return 0 end
if ARGV[3] == 'free' then
  redis.call('DEL', order)
  return 1
end
redis.call('HSET', order, 'state', ARGV[3], 'reply', ARGV[5])
redis.call('PEXPIRE', order, ARGV[4])
return 1
