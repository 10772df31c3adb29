-- Appends a line to the audit trail if no other came since its writer looked; else tells what to chain to.
-- KEYS 1 fleet tag
-- ARGV 1 how many lines there were, "" to look only; 2 the line, JSON; 3 the number of the change that it ends, or ""
-- Reply how many lines there are, Redis time in milliseconds, the last line or "", 1 if this one was appended
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local trail = KEYS[1] .. ':audit'
local count = redis.call('LLEN', trail)
if ARGV[1] ~= '' and tonumber(ARGV[1]) == count then
  redis.call('RPUSH', trail, ARGV[2])
  if ARGV[3] ~= '' then redis.call('HSET', trail .. ':ends', ARGV[3], count + 1) end
  return { count + 1, now, ARGV[2], 1 }
end
return { count, now, redis.call('LINDEX', trail, -1) or '', 0 }
