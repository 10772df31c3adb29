-- A webhook told of an agent (I7, I8): it is one to poll, and what was told is not missing.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 what it told of, or '' · 3 most agents kept · 4 most things kept of one agent · 5 how long, ms
-- Reply 1, or 0 for an agent found not to be ours
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if ARGV[2] ~= '' then
  local heard = KEYS[1] .. ':watch:' .. ARGV[1] .. ':heard'
  redis.call('ZADD', heard, now, ARGV[2])
  redis.call('ZREMRANGEBYRANK', heard, 0, -1 - ARGV[4])
  redis.call('PEXPIRE', heard, ARGV[5])
end
if redis.call('EXISTS', KEYS[1] .. ':watch:' .. ARGV[1] .. ':foreign') == 1 then return 0 end
local seen = KEYS[1] .. ':seen-agents'
redis.call('ZADD', seen, now, ARGV[1])
redis.call('ZREMRANGEBYRANK', seen, 0, -1 - ARGV[3])
return 1
