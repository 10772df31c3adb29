-- Adds one failure for lack of balance, or one reading of it, to the window of a wallet that agents share (D8); answers what is near.
-- KEYS 1 fleet tag
-- ARGV 1 wallet · 2 event time ms · 3 "<event id> <balance, or '-' for a failure> <agent id>" · 4 near ms · 5 how long kept, ms
--      6 most entries kept
-- Reply {entry, time, entry, time, ...} oldest first
local window = KEYS[1] .. ':wallet:' .. ARGV[1]
local at = tonumber(ARGV[2])
redis.call('ZADD', window, at, ARGV[3])
redis.call('ZREMRANGEBYRANK', window, 0, -1 - ARGV[6])
redis.call('PEXPIRE', window, ARGV[5])
return redis.call('ZRANGEBYSCORE', window, at - ARGV[4], at + ARGV[4], 'WITHSCORES')
