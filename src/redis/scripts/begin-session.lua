-- Keeps a new session of a browser (O6); it expires by itself.
-- KEYS 1 fleet tag
-- ARGV 1 SHA-256 of its secret  2 how long it may be idle, ms  3 how long it may last, ms  4... its fields and their values
-- Reply when it began, ms
local key = KEYS[1] .. ':session:' .. ARGV[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('HSET', key, 'beganAt', now, 'usedAt', now, 'endsAt', now + ARGV[3], unpack(ARGV, 4))
redis.call('PEXPIREAT', key, now + math.min(tonumber(ARGV[2]), tonumber(ARGV[3])))
return now
