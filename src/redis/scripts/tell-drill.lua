-- Keeps that a drill goes on, what one of its scenarios came to, or how it ended.
-- KEYS 1 fleet tag
-- ARGV 1 id · 2 'beat', 'result' or 'end' · 3 how long silence means death, ms · 4 a result or the end, JSON; else ''
-- Reply 1, or 0 where it is over or forgotten: the first end stays
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local drill, alone = KEYS[1] .. ':drill:' .. ARGV[1], KEYS[1] .. ':drill-alone'
if redis.call('EXISTS', drill) == 0 or redis.call('HEXISTS', drill, 'end') == 1 then return 0 end
local isAlone = redis.call('GET', alone) == ARGV[1]
redis.call('HSET', drill, 'beatAt', now)
if ARGV[2] == 'end' then
  redis.call('HSET', drill, 'end', ARGV[4], 'endedAt', now)
  if isAlone then redis.call('DEL', alone) end
elseif isAlone then
  redis.call('PEXPIRE', alone, ARGV[3])
end
if ARGV[2] == 'result' then redis.call('HSET', drill, 'result:' .. redis.call('HLEN', drill), ARGV[4]) end
if ARGV[2] ~= 'beat' then changed(KEYS[1], 'drills') end
return 1
