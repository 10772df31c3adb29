-- What polling may call with one gateway key (I7): a bucket that fills over the hour. Whatever hour one looks at, no more
-- leaves it than the hour's share: what is saved up and what flows in within an hour together are the share.
-- KEYS 1 fleet tag
-- ARGV 1 key name · 2 calls saved up at most, or '' without a limit · 3 calls flowing in per hour
--      then pairs, by importance: calls of one read · how many calls must be left after it
-- Reply {reads that may be made, from the first on, ms to wait where none may}
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local bucket = KEYS[1] .. ':calls:' .. ARGV[1]
local entry = redis.call('HMGET', bucket, 'left', 'at', 'blockedUntil')
if entry[3] and tonumber(entry[3]) > now then return { 0, math.ceil(entry[3] - now) } end
if ARGV[2] == '' then return { math.floor((#ARGV - 3) / 2), 0 } end
local most, perMs = tonumber(ARGV[2]), ARGV[3] / 3600000
local left = entry[2] and math.min(most, (entry[1] or 0) + (now - entry[2]) * perMs) or most
local reads, first = 0, tonumber(ARGV[4] or 0)
for i = 4, #ARGV, 2 do
  -- What is more than can ever be saved up is made from a full bucket, and owed.
  if left - math.min(ARGV[i], most) < tonumber(ARGV[i + 1]) then break end
  left = left - ARGV[i]
  reads = reads + 1
end
redis.call('HSET', bucket, 'left', string.format('%.6f', left), 'at', string.format('%.3f', now))
redis.call('PEXPIRE', bucket, 7200000)
return { reads, reads > 0 and 0 or math.ceil((math.min(first, most) - left) / perMs) }
