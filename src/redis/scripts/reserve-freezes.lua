-- Counts agents that automation freezes within the hour that rolls, by Redis's clock, and refuses what is beyond the cap (P4).
-- KEYS 1 fleet tag
-- ARGV 1 limit · 2 hour ms · 3 '1' if none may be refused · 4... agent ids, the most urgent first
-- Reply {agents that may be frozen...}
-- An agent counts once in the hour, so that a repeated job neither spends nor loses a place.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local counted = KEYS[1] .. ':automatic-freezes'
redis.call('ZREMRANGEBYSCORE', counted, '-inf', now - ARGV[2])
local granted = {}
for i = 4, #ARGV do
  local isKnown = redis.call('ZSCORE', counted, ARGV[i])
  if isKnown or ARGV[3] == '1' or redis.call('ZCARD', counted) < tonumber(ARGV[1]) then
    redis.call('ZADD', counted, 'NX', now, ARGV[i])
    granted[#granted + 1] = ARGV[i]
  end
end
redis.call('PEXPIRE', counted, ARGV[2])
return granted
