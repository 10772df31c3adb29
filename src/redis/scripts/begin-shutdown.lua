-- Puts a fleet shutdown in force, or answers the one that is (P4): asked twice it is one.
-- KEYS 1 fleet tag
-- ARGV 1 who · 2 why
-- Reply {id}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local shutdown = KEYS[1] .. ':shutdown'
local id = redis.call('HGET', shutdown, 'id')
if not id then
  id = 'shutdown-' .. redis.call('INCR', KEYS[1] .. ':shutdown-count')
  redis.call('HSET', shutdown, 'id', id, 'by', ARGV[1], 'reason', ARGV[2], 'at', now)
end
return { id }
