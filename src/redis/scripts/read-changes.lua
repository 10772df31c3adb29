-- What changed since then, and forgets what is too old to be asked for.
-- KEYS 1 tag of a partition, or the fleet's
-- ARGV 1 since, ms, this one included; '' to learn only what time it is · 2 kept, ms · 3 most
-- Reply {now ms, what, changed at ms, what, ...}, oldest first; one more than the most says that there are more
-- A millisecond may not be over yet: whoever goes on from `now` reads it once more, and hears of nothing too late.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local key = KEYS[1] .. ':changed'
redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('(%d', now - ARGV[2]))
if ARGV[1] == '' then return { now } end
return { now, unpack(redis.call('ZRANGE', key, ARGV[1], '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[3] + 1, 'WITHSCORES')) }
