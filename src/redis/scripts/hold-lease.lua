-- Elects one process for a duty: whoever holds its lease keeps it by asking again, others get it when it has run out. Asking and
-- keeping are one act: one whose lease runs out between the two would take that of the next for its own, and both would lead.
-- KEYS 1 partition tag
-- ARGV 1 name of the duty · 2 owner · 3 ms that it is held for
-- Reply 1 it is this owner's for so long, 0 somebody else's
local lease = KEYS[1] .. ':lease:' .. ARGV[1]
local owner = redis.call('GET', lease)
if owner and owner ~= ARGV[2] then return 0 end
redis.call('SET', lease, ARGV[2], 'PX', ARGV[3])
return 1
