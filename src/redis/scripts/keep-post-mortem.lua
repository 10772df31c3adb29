-- Keeps the post-mortem of an incident, once, and says so in its timeline and ledger in the same act (F4, F5).
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 post-mortem, canonical JSON · 3 its size and digest, canonical JSON
-- Reply the post-mortem that stands, JSON; '' where there is no such incident
local incident = KEYS[1] .. ':incident:' .. ARGV[1]
if redis.call('EXISTS', incident) == 0 then return '' end
if redis.call('HSETNX', incident .. ':post-mortem', 'json', ARGV[2]) == 1 then
  record(KEYS[1], ARGV[1], 'learn', 'post-mortem-written', attach(KEYS[1], ARGV[1], ARGV[2], ARGV[3]))
end
return redis.call('HGET', incident .. ':post-mortem', 'json')
