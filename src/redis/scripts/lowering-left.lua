-- How long a raise must still wait for other writes of the cap that are on their way (G9).
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 token of the write that asks, which is no other one, or ''
-- Reply milliseconds until the last of them can take effect no more; 0: none is on its way
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local last = redis.call('ZREVRANGE', KEYS[1] .. ':agent:' .. ARGV[1] .. ':lowering', 0, 1, 'WITHSCORES')
local at = last[2]
if last[1] == ARGV[2] then at = last[4] end
return at and math.max(0, at - now) or 0
