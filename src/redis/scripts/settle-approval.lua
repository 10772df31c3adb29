-- Somebody answered what was asked: these agents wait no more, and the question ends with the last of them (P4).
-- KEYS 1 fleet tag
-- ARGV 1 approval id · 2... agent ids
-- Reply 1 if the question is gone, else 0: agents that were added meanwhile keep waiting, for anybody's answer
changed(KEYS[1], 'fleet')
local waiting = KEYS[1] .. ':approval:' .. ARGV[1]
for i = 2, #ARGV do redis.call('HDEL', waiting, ARGV[i]) end
if redis.call('HLEN', waiting) > 0 then
  redis.call('DEL', KEYS[1] .. ':approval-answer:' .. ARGV[1])
  return 0
end
redis.call('HDEL', KEYS[1] .. ':approvals', ARGV[1])
return 1
