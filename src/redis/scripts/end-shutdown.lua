-- Takes a fleet shutdown out of force, once all of its agents were released (P4).
-- KEYS 1 fleet tag
-- ARGV 1 shutdown id · 2 how many agents were released, or needed no release
-- Reply 1, or 0: another one is in force or none, or agents were added meanwhile, whom nobody released
local shutdown = KEYS[1] .. ':shutdown'
if redis.call('HGET', shutdown, 'id') ~= ARGV[1] then return 0 end
if redis.call('HLEN', shutdown .. ':' .. ARGV[1] .. ':agents') > tonumber(ARGV[2]) then return 0 end
redis.call('DEL', shutdown)
changed(KEYS[1], 'fleet')
return 1
