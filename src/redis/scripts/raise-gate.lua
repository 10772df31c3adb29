-- The gate before a cap is raised (G9, G11): open only while the epoch is ours, nobody holds, Redis time says that it is due and no
-- other write to the cap can still take effect. Through it the raise is on its way: whoever comes later waits for it.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 epoch the raise was planned under
--      3 '1' to forget the snapshot and that the wallet was frozen where the gate is open (the raise is over), 'wallet' to forget only the wallet
--      4 token of this raise, or '' to only ask · 5 how long it may take effect, ms · 6 due at ms, or '' at any time
--      7 the caps that it sets, JSON, where there is a token: whoever finds them later knows whose they are
-- Reply {'go', 0} · {'no', 0} a newer epoch or a hold · {'early', ms until it is due} · {'wait', ms until the other write is over}
-- Safe to run twice.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local agent = KEYS[1] .. ':agent:' .. ARGV[1]
if redis.call('HGET', agent, 'epoch') ~= ARGV[2] or redis.call('SCARD', agent .. ':holds') > 0 then return { 'no', 0 } end
if ARGV[6] ~= '' and now < tonumber(ARGV[6]) then return { 'early', ARGV[6] - now } end
if ARGV[4] ~= '' then
  local lowering = agent .. ':lowering'
  redis.call('ZREMRANGEBYSCORE', lowering, '-inf', now)
  for _, token in ipairs(redis.call('ZREVRANGE', lowering, 0, 1)) do
    if token ~= ARGV[4] then return { 'wait', redis.call('ZSCORE', lowering, token) - now } end
  end
  redis.call('ZADD', lowering, now + ARGV[5], ARGV[4])
  redis.call('PEXPIRE', lowering, ARGV[5])
  -- The only one: those before it can take effect no more, or the gate were shut.
  local unsettled = agent .. ':unsettled'
  redis.call('DEL', unsettled)
  redis.call('HSET', unsettled, ARGV[4], ARGV[7])
  redis.call('PEXPIRE', unsettled, ARGV[5] + 5000)
  -- From here on nobody says other caps from before: these are on their way.
  if redis.call('HEXISTS', agent, 'snapAt') == 1 then redis.call('HSET', agent, 'snapRaised', now) end
end
if ARGV[3] == '1' then
  redis.call('HDEL', agent, 'snapAt', 'snapSource', 'snapDaily', 'snapMonthly', 'snapThreshold', 'snapRaised', 'capsAt', 'walletFrozenAt')
end
if ARGV[3] == 'wallet' then redis.call('HDEL', agent, 'walletFrozenAt') end
return { 'go', 0 }
