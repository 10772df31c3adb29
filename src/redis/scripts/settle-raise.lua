-- After a raise has landed: does it stand (G9)?
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 epoch the raise was planned under · 3 its token · 4 how long the write that undoes it may take effect, ms
--      5 '1' to forget the snapshot and that the wallet was frozen where it stands (nothing more is raised)
-- Reply 'stands' · 'held': set the cap to 0 again, now; the token stays until that has landed, so that whoever releases the agent
-- waits for it · 'overtaken': a newer release waited for this raise and sets the caps itself
-- Safe to run twice.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local agent = KEYS[1] .. ':agent:' .. ARGV[1]
local lowering = agent .. ':lowering'
if redis.call('SCARD', agent .. ':holds') > 0 then
  redis.call('ZADD', lowering, now + ARGV[4], ARGV[3])
  if redis.call('PTTL', lowering) < tonumber(ARGV[4]) then redis.call('PEXPIRE', lowering, ARGV[4]) end
  return 'held'
end
redis.call('ZREM', lowering, ARGV[3])
if redis.call('HGET', agent, 'epoch') ~= ARGV[2] then return 'overtaken' end
if ARGV[5] == '1' then
  redis.call('HDEL', agent, 'snapAt', 'snapSource', 'snapDaily', 'snapMonthly', 'snapThreshold', 'capsAt', 'walletFrozenAt')
end
return 'stands'
