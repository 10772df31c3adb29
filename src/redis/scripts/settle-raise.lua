-- After a raise has landed: does it stand (G9)?
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 epoch the raise was planned under · 3 its token · 4 how long the write that undoes it may take effect, ms
--      5 step and 6 result JSON of its receipt where nothing is raised after it, or both ''; 7 the incident of that receipt
-- Reply 'stands': with the receipt, which comes in the same act as the snapshot and that the wallet was frozen are forgotten, since
-- nobody could tell afterwards · 'held': set the cap to 0 again, now; the token stays until that has landed, so that whoever
-- releases the agent waits for it · 'overtaken': a newer release waited for this raise and sets the caps itself
-- Safe to run twice.
local agent = KEYS[1] .. ':agent:' .. ARGV[1]
local lowering = agent .. ':lowering'
if redis.call('SCARD', agent .. ':holds') > 0 then
  redis.call('ZADD', lowering, now + ARGV[4], ARGV[3])
  if redis.call('PTTL', lowering) < tonumber(ARGV[4]) then redis.call('PEXPIRE', lowering, ARGV[4]) end
  return 'held'
end
local isOurs = redis.call('HGET', agent, 'epoch') == ARGV[2]
local isLast = isOurs and ARGV[5] ~= ''
if isLast then
  local receipt = '{"step":' .. quote(ARGV[5]) .. ',"at":' .. string.format('%d', now) .. ',"result":' .. ARGV[6] .. '}'
  if redis.call('HSETNX', KEYS[1] .. ':incident:' .. ARGV[7] .. ':receipts', ARGV[5], receipt) == 1 then
    record(KEYS[1], ARGV[7], 'recover', 'step-done', '{"result":' .. ARGV[6] .. ',"step":' .. quote(ARGV[5]) .. '}')
  end
end
-- A full Redis refuses the first line that needs memory and would still remove: what removes comes last.
redis.call('ZREM', lowering, ARGV[3])
redis.call('HDEL', agent .. ':unsettled', ARGV[3])
if isLast then
  redis.call('HDEL', agent, 'snapAt', 'snapSource', 'snapDaily', 'snapMonthly', 'snapThreshold', 'snapRaised', 'capsAt', 'walletFrozenAt')
end
return isOurs and 'stands' or 'overtaken'
