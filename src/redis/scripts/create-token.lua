-- Keeps a new personal token (O6).
-- KEYS 1 fleet tag
-- ARGV 1 SHA-256 of its secret  2 id  3 name  4 role  5 who made it  6 when it expires, ms, or ""
-- Reply when it was made, ms
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('HSET', KEYS[1] .. ':token:' .. ARGV[1], 'id', ARGV[2], 'name', ARGV[3], 'role', ARGV[4],
  'createdBy', ARGV[5], 'expiresAt', ARGV[6], 'createdAt', now)
redis.call('HSET', KEYS[1] .. ':tokens', ARGV[2], ARGV[1])
return now
