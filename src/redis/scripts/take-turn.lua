-- One token bucket for one gateway key (generic cell rate): answers how long to wait for the turn that was just booked.
-- KEYS 1 tag
-- ARGV 1 key name · 2 calls per second · 3 burst · 4 '1' if urgent: no waiting, the others wait the longer
-- Reply ms to wait before calling
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local bucket = KEYS[1] .. ':pace:' .. ARGV[1]
local step = 1000 / ARGV[2]
local free = math.max(tonumber(redis.call('GET', bucket) or now), now)
redis.call('SET', bucket, string.format('%.3f', free + step), 'PX', math.ceil(free + step - now) + 60000)
if ARGV[4] == '1' then return 0 end
return math.max(0, math.ceil(free - (ARGV[3] - 1) * step - now))
