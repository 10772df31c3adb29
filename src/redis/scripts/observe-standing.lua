-- Remembers one reading of an agent's reputation: the first score above zero, and since its last incident was over the lowest
-- above zero and the last zero. Zeros are apart: one before the first score is none that was computed, one after it is a fall.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 score · 3 event time ms · 4 event id · 5 lifetime ms
-- Reply {first score or '', its time ms or '', lowest or '', its time, its event, time of the last zero or '', its event,
--   accepted score or '', its time, the baseline it lay below, epoch, dry runs ended}
-- A score that a person accepted (begin-recovery.lua) counts until one is back at the baseline it lay below; what was read up to
-- that change of baseline is measured from neither. All by event time: the order of arrival changes nothing, and a reading told again neither.
local standing = KEYS[1] .. ':standing:' .. ARGV[1]
local score, at = tonumber(ARGV[2]), tonumber(ARGV[3])
local agent = redis.call('HMGET', KEYS[1] .. ':agent:' .. ARGV[1], 'epoch', 'observedEnded', 'afresh')
local afresh = agent[3] or '0'
if redis.call('HGET', standing, 'afresh') ~= afresh then
  redis.call('HDEL', standing, 'lowest', 'lowestAt', 'lowestEvent', 'zeroAt', 'zeroEvent')
  redis.call('HSET', standing, 'afresh', afresh)
end
local against = redis.call('HGET', standing, 'against')
local since = tonumber(redis.call('HGET', standing, 'since') or '-1')
if against and at > since and score >= tonumber(against) then
  redis.call('HDEL', standing, 'accepted', 'acceptedAt', 'against', 'lowest', 'lowestAt', 'lowestEvent', 'zeroAt', 'zeroEvent')
  redis.call('HSET', standing, 'since', ARGV[3])
end
local seen = redis.call('HMGET', standing, 'firstAt', 'lowest', 'lowestAt', 'zeroAt')
local counts = at > since
if score > 0 then
  if not seen[1] or at < tonumber(seen[1]) then redis.call('HSET', standing, 'first', ARGV[2], 'firstAt', ARGV[3]) end
  local lowest = tonumber(seen[2])
  if counts and (not lowest or score < lowest or (score == lowest and at < tonumber(seen[3]))) then
    redis.call('HSET', standing, 'lowest', ARGV[2], 'lowestAt', ARGV[3], 'lowestEvent', ARGV[4])
  end
elseif counts and (not seen[4] or at > tonumber(seen[4])) then
  redis.call('HSET', standing, 'zeroAt', ARGV[3], 'zeroEvent', ARGV[4])
end
redis.call('PEXPIRE', standing, ARGV[5])
local now = redis.call('HMGET', standing, 'first', 'firstAt', 'lowest', 'lowestAt', 'lowestEvent', 'zeroAt', 'zeroEvent', 'accepted', 'acceptedAt', 'against')
for i = 1, 10 do now[i] = now[i] or '' end
now[11], now[12] = agent[1] or '0', agent[2] or '0'
return now
