-- Before a write goes out that lowers an agent's cap or freezes its wallet: may it, and that it is on its way (G9).
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 incident id · 3 token of this write · 4 how long it may take effect, ms · 5 what it is, its action key, or '' where its claim is in the ledger
-- Reply 1 send it, 0 the incident holds the agent no more: sent now, it would freeze whom somebody has released
-- A raise waits for what is on its way; a freeze waits for nothing. Safe to run twice.
local tag = KEYS[1]
local agent = tag .. ':agent:' .. ARGV[1]
if redis.call('SISMEMBER', agent .. ':holds', ARGV[2]) == 0 then
  if ARGV[5] ~= '' then chain(tag, ARGV[2], nil, 'call-refused', '{"action":' .. quote(ARGV[5]) .. ',"why":"the incident holds the agent no more"}') end
  return 0
end
local lowering = agent .. ':lowering'
redis.call('ZADD', lowering, now + ARGV[4], ARGV[3])
redis.call('ZREMRANGEBYSCORE', lowering, '-inf', now)
redis.call('PEXPIRE', lowering, ARGV[4])
if ARGV[5] ~= '' then callGoes(tag, ARGV[2], 'call-sent', ARGV[5], '{"action":' .. quote(ARGV[5]) .. '}') end
return 1
