-- The caps from before the freeze, write-once (G10). Refuses our own zero: both caps 0 after a freeze was asked for, or the
-- daily one where the gateway shows no other. Refuses everybody who does not hold the agent: nobody would ever restore or forget
-- it, and it would stand for the caps from before the next incident.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 incident id · 3 daily, or '' to only read · 4 monthly · 5 threshold · 6 source
-- Reply {daily, monthly, threshold, source, at, when a raise of it began} of the snapshot that stands, or {} if there is none
local agent = KEYS[1] .. ':agent:' .. ARGV[1]
if redis.call('HEXISTS', agent, 'snapAt') == 0 then
  if ARGV[3] == '' or redis.call('SISMEMBER', agent .. ':holds', ARGV[2]) == 0 then return {} end
  local asked = redis.call('HEXISTS', KEYS[1] .. ':incident:' .. ARGV[2], 'requestedAt') == 1
  if asked and ARGV[3] == '0.00' and (ARGV[4] == '0.00' or ARGV[4] == '?') and ARGV[6] == 'gateway' then return {} end
  redis.call('HSET', agent, 'snapAt', now, 'snapSource', ARGV[6], 'snapDaily', ARGV[3], 'snapMonthly', ARGV[4], 'snapThreshold', ARGV[5])
  chain(KEYS[1], ARGV[2], 'contain', 'caps-kept', '{"daily":' .. quote(ARGV[3]) .. ',"monthly":' .. quote(ARGV[4]) .. ',"source":' .. quote(ARGV[6]) .. ',"threshold":' .. quote(ARGV[5]) .. '}')
end
return redis.call('HMGET', agent, 'snapDaily', 'snapMonthly', 'snapThreshold', 'snapSource', 'snapAt', 'snapRaised')
