-- How long a raise must still wait for writes that lower the cap and are on their way (G9).
-- KEYS 1 partition tag
-- ARGV 1 agent id
-- Reply milliseconds until the last of them can take effect no more; 0: none is on its way
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local last = redis.call('ZREVRANGE', KEYS[1] .. ':agent:' .. ARGV[1] .. ':lowering', 0, 0, 'WITHSCORES')
return last[2] and math.max(0, last[2] - now) or 0
