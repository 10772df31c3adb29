-- Puts a fleet shutdown in force, or answers the one that is (P4): asked twice it is one.
-- KEYS 1 fleet tag
-- ARGV 1 who · 2 why · 3 signal id of the cause, '' where a person asks · 4 how long its answer is kept, ms
-- Refuses nobody and no reason with an error.
-- Reply {id, who, why, since when in ms}, or {} where this cause was answered by a shutdown that is over: its job came once more, and nobody asked again
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local shutdown = KEYS[1] .. ':shutdown'
local id = redis.call('HGET', shutdown, 'id')
local cause = KEYS[1] .. ':shutdown-cause:' .. ARGV[3]
local answered = ARGV[3] ~= '' and redis.call('GET', cause)
if answered and answered ~= id then return {} end
if not id then
  if ARGV[1] == '' or ARGV[2] == '' then return redis.error_reply('ERR who and why must be said') end
  id = 'shutdown-' .. redis.call('INCR', KEYS[1] .. ':shutdown-count')
  redis.call('HSET', shutdown, 'id', id, 'by', ARGV[1], 'reason', ARGV[2], 'at', now)
  changed(KEYS[1], 'fleet')
end
-- After the shutdown itself: a cause that counts as answered while nothing is in force would never be answered.
if ARGV[3] ~= '' then redis.call('SET', cause, id, 'PX', ARGV[4]) end
local inForce = redis.call('HMGET', shutdown, 'by', 'reason', 'at')
return { id, inForce[1], inForce[2], inForce[3] }
