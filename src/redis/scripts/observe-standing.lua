-- Remembers one reading of an agent's reputation: the first score above zero, and the lowest since its last incident was over.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 score · 3 event time ms · 4 event id · 5 lifetime ms
-- Reply {first score or '', its time ms or '', lowest score, its time ms, its event id, epoch, dry runs ended}
-- First and earliest are meant by event time: the order of arrival changes nothing, and a reading told again neither.
local standing = KEYS[1] .. ':standing:' .. ARGV[1]
local score, at = tonumber(ARGV[2]), tonumber(ARGV[3])
local agent = redis.call('HMGET', KEYS[1] .. ':agent:' .. ARGV[1], 'epoch', 'observedEnded', 'afresh')
local seen = redis.call('HMGET', standing, 'first', 'firstAt', 'lowest', 'lowestAt', 'lowestEvent', 'afresh')
if score > 0 and (not seen[1] or at < tonumber(seen[2])) then
  redis.call('HSET', standing, 'first', ARGV[2], 'firstAt', ARGV[3])
  seen[1], seen[2] = ARGV[2], ARGV[3]
end
local afresh = agent[3] or '0'
local lowest = seen[6] == afresh and tonumber(seen[3])
local isLower = not lowest or score < lowest
local isEarlier = lowest and score == lowest and (at < tonumber(seen[4]) or (at == tonumber(seen[4]) and ARGV[4] < seen[5]))
if isLower or isEarlier then
  redis.call('HSET', standing, 'lowest', ARGV[2], 'lowestAt', ARGV[3], 'lowestEvent', ARGV[4], 'afresh', afresh)
  seen[3], seen[4], seen[5] = ARGV[2], ARGV[3], ARGV[4]
end
redis.call('PEXPIRE', standing, ARGV[5])
return { seen[1] or '', seen[2] or '', seen[3], seen[4], seen[5], agent[1] or '0', agent[2] or '0' }
