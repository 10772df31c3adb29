-- The gate before a cap is raised, and the settling after it (G9, G11): both answer 1 only if the epoch is still ours and nobody holds.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 epoch the raise was planned under
--      3 '1' to forget the snapshot and that the wallet was frozen when the answer is 1 (the raise is over)
-- Reply 1 go on / it stands, 0 do not raise / set the cap to 0 again now
local agent = KEYS[1] .. ':agent:' .. ARGV[1]
if redis.call('HGET', agent, 'epoch') ~= ARGV[2] or redis.call('SCARD', agent .. ':holds') > 0 then return 0 end
if ARGV[3] == '1' then
  redis.call('HDEL', agent, 'snapAt', 'snapSource', 'snapDaily', 'snapMonthly', 'snapThreshold', 'capsAt', 'walletFrozenAt')
end
return 1
