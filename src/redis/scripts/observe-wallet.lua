-- Adds one failure for lack of balance to the window of a wallet that agents share, and answers what is near it (D8).
-- KEYS 1 fleet tag
-- ARGV 1 wallet · 2 event time ms · 3 event id, or '' to look only · 4 agent id · 5 window ms kept either side · 6 how long kept, ms
--      7 most entries kept
-- Reply {"<event id> <agent id>", time, ...}
local window = KEYS[1] .. ':wallet:' .. ARGV[1]
local at = tonumber(ARGV[2])
if ARGV[3] ~= '' then
  redis.call('ZADD', window, at, ARGV[3] .. ' ' .. ARGV[4])
  redis.call('ZREMRANGEBYRANK', window, 0, -1 - ARGV[7])
  redis.call('PEXPIRE', window, ARGV[6])
end
return redis.call('ZRANGEBYSCORE', window, at - ARGV[5], at + ARGV[5], 'WITHSCORES')
