-- What the gateway showed as the freeze left replaces caps that were only remembered: somebody may have changed them since (G10).
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 daily · 3 monthly ("null" = uncapped, "?" = not shown) · 4 threshold · 5 incident id
-- Reply 1 they stand now, 0 left alone: they were not remembered ones, or what was read is our own zero, or they were taken for
-- an earlier incident: what that one left of the caps is what the gateway shows now, and not what they were
local agent = KEYS[1] .. ':agent:' .. ARGV[1]
local known = redis.call('HMGET', agent, 'snapSource', 'snapMonthly', 'snapThreshold', 'snapAt')
if known[1] ~= 'last-seen' then return 0 end
if known[4] ~= redis.call('HGET', KEYS[1] .. ':incident:' .. ARGV[5], 'openedAt') then return 0 end
if ARGV[2] == '0.00' and (ARGV[3] == '0.00' or ARGV[3] == '?') then return 0 end
local monthly, threshold = ARGV[3] == '?' and known[2] or ARGV[3], ARGV[4] == '?' and known[3] or ARGV[4]
redis.call('HSET', agent, 'snapSource', 'gateway', 'snapDaily', ARGV[2], 'snapMonthly', monthly, 'snapThreshold', threshold)
chain(KEYS[1], ARGV[5], 'contain', 'caps-kept', '{"daily":' .. quote(ARGV[2]) .. ',"monthly":' .. quote(monthly) .. ',"source":"gateway","threshold":' .. quote(threshold) .. '}')
return 1
