-- Keeps a proposal to change one agent's threshold; at most one is open per agent and threshold.
-- KEYS 1 fleet tag
-- ARGV 1 id · 2 slot "<path> <agent>" · 3 JSON of what never changes
-- Reply 1 kept, 0 this one was kept before
local tunings = KEYS[1] .. ':tunings'
local tuning = KEYS[1] .. ':tuning:' .. ARGV[1]
if redis.call('EXISTS', tuning) == 1 then return 0 end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local open = redis.call('HGET', tunings .. ':open', ARGV[2])
if open then
  redis.call('HSET', KEYS[1] .. ':tuning:' .. open, 'state', 'superseded', 'decidedAt', now, 'decidedBy', 'tourniquet', 'decidedBecause', ARGV[1] .. ' proposes anew')
end
redis.call('HSET', tuning, 'said', ARGV[3], 'state', 'open', 'madeAt', now, 'slot', ARGV[2])
redis.call('HSET', tunings .. ':open', ARGV[2], ARGV[1])
redis.call('ZADD', tunings, now, ARGV[1])
changed(KEYS[1], 'tunings')
return 1
