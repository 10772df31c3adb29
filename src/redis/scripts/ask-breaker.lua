-- Answers whether an agent may spend, and in half-open gives the one probe to whoever asks first (P3).
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 how long it stays open, ms · 3 when a probe is given up, ms · 4 token of the probe, or '' to only look
--      5 comma list of runbooks that leave the agent its spending
-- Reply {state, failures, opened at ms or '', token given or '', ms until it is worth asking again, incident that holds it or '',
--        reset by or '', reset reason, reset at}
-- Not safe to run twice with another token: a repeated question is another question.
local tag = KEYS[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local breaker = tag .. ':breaker:' .. ARGV[1]
local b = redis.call('HMGET', breaker, 'failures', 'openedAt', 'probe', 'probeAt', 'resetBy', 'resetReason', 'resetAt')

local heldBy = ''
for _, id in ipairs(redis.call('SMEMBERS', tag .. ':agent:' .. ARGV[1] .. ':holds')) do
  for runbook in string.gmatch(redis.call('HGET', tag .. ':incident:' .. id, 'runbooks') or '', '[^,]+') do
    if not string.find(',' .. ARGV[5] .. ',', ',' .. runbook .. ',', 1, true) then heldBy = id end
  end
end

local state, token, wait = 'closed', '', 0
if b[2] then
  wait = b[2] + ARGV[2] - now
  if wait > 0 then
    state = 'open'
  else
    state = 'half-open'
    wait = b[3] and math.max(0, b[4] + ARGV[3] - now) or 0
    if wait == 0 and ARGV[4] ~= '' and heldBy == '' then
      redis.call('HSET', breaker, 'probe', ARGV[4], 'probeAt', now)
      token = ARGV[4]
    end
  end
end
return { state, b[1] or '0', b[2] or '', token, wait, heldBy, b[5] or '', b[6] or '', b[7] or '' }
