-- The gateway said 429 to a poll: its key is left alone for a while, twice as long each time (I7).
-- KEYS 1 fleet tag
-- ARGV 1 key name · 2 ms for the first time · 3 at most · 4 at least, as the gateway asked
-- Reply ms until it is tried again
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local bucket = KEYS[1] .. ':calls:' .. ARGV[1]
local waitMs = tonumber(redis.call('HGET', bucket, 'blockedUntil') or 0) - now
-- Several looks of one moment are refused together: that is one refusal.
if waitMs <= 0 then
  local strikes = redis.call('HINCRBY', bucket, 'strikes', 1)
  waitMs = math.max(math.min(ARGV[2] * 2 ^ (strikes - 1), ARGV[3]), tonumber(ARGV[4]))
  redis.call('HSET', bucket, 'blockedUntil', string.format('%.0f', now + waitMs))
end
redis.call('PEXPIRE', bucket, 7200000)
return math.ceil(waitMs)
