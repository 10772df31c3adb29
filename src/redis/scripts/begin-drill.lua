-- Keeps that a drill begins.
-- KEYS 1 fleet tag
-- ARGV 1 what was ordered, JSON · 2 '1' not while another runs that was begun so · 3 how long silence means death, ms · 4 most kept
-- Reply {'begun' | 'busy', its id, or that of the other}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local drills, alone = KEYS[1] .. ':drills', KEYS[1] .. ':drill-alone'
if ARGV[2] == '1' then
  local other = redis.call('GET', alone)
  if other then return { 'busy', other } end
end
local id = 'drill-' .. redis.call('INCR', KEYS[1] .. ':drill-count')
if ARGV[2] == '1' then redis.call('SET', alone, id, 'PX', ARGV[3]) end
redis.call('HSET', KEYS[1] .. ':drill:' .. id, 'said', ARGV[1], 'startedAt', now, 'beatAt', now)
redis.call('ZADD', drills, now, id)
for _, old in ipairs(redis.call('ZRANGE', drills, 0, -1 - ARGV[4])) do
  redis.call('DEL', KEYS[1] .. ':drill:' .. old)
  redis.call('ZREM', drills, old)
end
changed(KEYS[1], 'drills')
return { 'begun', id }
