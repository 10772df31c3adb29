-- Approves, rejects, withdraws or overrules one tuning; the one that was in force for the same threshold is superseded by it.
-- KEYS 1 fleet tag
-- ARGV 1 id · 2 'approved' | 'rejected' | 'withdrawn' | 'overruled' · 3 the state it must be in · 4 by · 5 reason
-- Reply 1 changed, 0 it is in another state, -1 there is none
local tunings = KEYS[1] .. ':tunings'
local tuning = KEYS[1] .. ':tuning:' .. ARGV[1]
local state, slot = unpack(redis.call('HMGET', tuning, 'state', 'slot'))
if not state then return -1 end
if state ~= ARGV[3] then return 0 end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function decide(id, to, by, because)
  redis.call('HSET', KEYS[1] .. ':tuning:' .. id, 'state', to, 'decidedAt', now, 'decidedBy', by, 'decidedBecause', because)
end
local inForce = redis.call('HGET', tunings .. ':in-force', slot)
if ARGV[2] == 'approved' then
  if inForce then decide(inForce, 'superseded', ARGV[4], ARGV[1] .. ' is in force instead') end
  redis.call('HSET', tunings .. ':in-force', slot, ARGV[1])
elseif inForce == ARGV[1] then
  redis.call('HDEL', tunings .. ':in-force', slot)
end
if redis.call('HGET', tunings .. ':open', slot) == ARGV[1] then redis.call('HDEL', tunings .. ':open', slot) end
decide(ARGV[1], ARGV[2], ARGV[4], ARGV[5])
redis.call('INCR', tunings .. ':version')
changed(KEYS[1], 'tunings')
return 1
