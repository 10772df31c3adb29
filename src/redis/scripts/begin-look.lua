-- Begins one look at an agent (I7): one at a time, and none right after another, whoever's clock booked it.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 owner, unique per attempt · 3 lease ms · 4 least ms since the last look began · 5 lifetime ms
-- Reply {'begun', now, watched since, '1' if the agent is held, memory JSON or ''} · {'busy'} · {'too-soon'}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local watch = KEYS[1] .. ':watch:' .. ARGV[1]
local entry = redis.call('HMGET', watch, 'owner', 'until', 'beganAt', 'since', 'memory')
if entry[1] ~= ARGV[2] then
  if entry[1] and tonumber(entry[2]) > now then return { 'busy' } end
  if entry[3] and now - entry[3] < tonumber(ARGV[4]) then return { 'too-soon' } end
end
redis.call('HSETNX', watch, 'since', now)
redis.call('HSET', watch, 'owner', ARGV[2], 'until', now + ARGV[3], 'beganAt', now)
redis.call('PEXPIRE', watch, ARGV[5])
local held = redis.call('SCARD', KEYS[1] .. ':agent:' .. ARGV[1] .. ':holds') > 0
return { 'begun', now, entry[4] or now, held and '1' or '0', entry[5] or '' }
