-- A session of a browser (O6), if it is still good: its personal token must be there and not expired. Use makes it last, which is
-- written once a minute at most.
-- KEYS 1 fleet tag
-- ARGV 1 SHA-256 of its secret  2 how long it may be idle, ms
--      3 how long since the last use was written before it is written again, ms
-- Reply its fields as HGETALL gives them, then "ageMs" and "idleUntil" with theirs; empty: there is none
local key = KEYS[1] .. ':session:' .. ARGV[1]
local found = redis.call('HGETALL', key)
if #found == 0 then return found end
local s = {}
for i = 1, #found, 2 do s[found[i]] = found[i + 1] end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if s.token then
  local digest = redis.call('HGET', KEYS[1] .. ':tokens', s.token)
  local expiresAt = digest and tonumber(redis.call('HGET', KEYS[1] .. ':token:' .. digest, 'expiresAt'))
  if not digest or (expiresAt and expiresAt <= now) then
    redis.call('DEL', key)
    return {}
  end
end
if now - s.usedAt >= tonumber(ARGV[3]) then
  redis.call('HSET', key, 'usedAt', now)
  redis.call('PEXPIREAT', key, math.min(now + ARGV[2], tonumber(s.endsAt)))
end
for _, more in ipairs({ 'ageMs', now - s.beganAt, 'idleUntil', now + redis.call('PTTL', key) }) do
  found[#found + 1] = tostring(more)
end
return found
