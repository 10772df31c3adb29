-- The monthly cap from before, by a person, where the gateway never showed it: once, and only where it is not known (G10).
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 incident id · 3 monthly ("null" = uncapped)
-- Reply 1 it is part of the snapshot now, 0 there is no snapshot, or its month is known
local agent = KEYS[1] .. ':agent:' .. ARGV[1]
local known = redis.call('HMGET', agent, 'snapMonthly', 'snapDaily', 'snapThreshold')
if known[1] ~= '?' then return 0 end
redis.call('HSET', agent, 'snapMonthly', ARGV[3])
chain(KEYS[1], ARGV[2], 'contain', 'caps-kept', '{"daily":' .. quote(known[2]) .. ',"monthly":' .. quote(ARGV[3]) .. ',"source":"said","threshold":' .. quote(known[3]) .. '}')
return 1
