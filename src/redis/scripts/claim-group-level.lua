-- Of many incidents that belong together one tells each level (N2): whose waiting had begun when it was told is covered by that.
-- KEYS 1 fleet tag
-- ARGV 1 group (a cascade, a shutdown) · 2 '<priority>:<level>' · 3 incident id · 4 'claim' | 'release' · 5 waiting since ms · 6 kept for ms
--      7 incident that was answered before and tells nobody after all, or ''
-- Reply the incident that tells; '' after a release. Safe to run twice: who has claimed it is answered itself again.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local group = KEYS[1] .. ':escalated:' .. ARGV[1]
local at, teller = string.match(redis.call('HGET', group, ARGV[2]) or '', '^(%d+) (.+)$')
if ARGV[4] == 'release' then
  if teller == ARGV[3] then redis.call('HDEL', group, ARGV[2]) end
  return ''
end
if teller and teller ~= ARGV[7] and (teller == ARGV[3] or tonumber(at) >= tonumber(ARGV[5])) then return teller end
redis.call('HSET', group, ARGV[2], string.format('%d', now) .. ' ' .. ARGV[3])
redis.call('PEXPIRE', group, ARGV[6])
return ARGV[3]
