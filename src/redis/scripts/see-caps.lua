-- Remembers an agent's caps as last seen, so that a later freeze is one round trip (C1). Never while it is held: then the
-- gateway shows our own zero.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 daily · 3 monthly · 4 threshold ("null" = uncapped, "?" = not shown)
-- Reply 1 remembered, 0 the agent is held
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local agent = KEYS[1] .. ':agent:' .. ARGV[1]
if redis.call('SCARD', agent .. ':holds') > 0 then return 0 end
redis.call('HSET', agent, 'capsAt', now, 'capDaily', ARGV[2], 'capMonthly', ARGV[3], 'capThreshold', ARGV[4])
return 1
