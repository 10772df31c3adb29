-- Opens the agent's incident or joins the open one (G3, G9, G10): hold, epoch and snapshot change in one act.
-- KEYS 1 partition tag
-- ARGV 1 partition · 2 agent id · 3 short hash of it · 4 signal id · 5 signal JSON · 6 runbook · 7 priority · 8 policy line
--      9 received at ms · 10 how old last seen caps may be to count as known, ms · 11 look again after ms
-- Reply {'opened' | 'joined' | 'known', incident id, epoch}; 'known' = this signal had joined before
local tag = KEYS[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local agent = tag .. ':agent:' .. ARGV[2]

local open = redis.call('HGET', agent, 'incident')
if open then
  local incident = tag .. ':incident:' .. open
  local epoch = redis.call('HGET', incident, 'epoch')
  if redis.call('HSETNX', incident .. ':signals', ARGV[4], ARGV[5]) == 0 then return { 'known', open, epoch } end
  redis.call('RPUSH', incident .. ':timeline', cjson.encode({ at = now, phase = 'detect', what = 'signal-joined', detail = { signal = ARGV[4], policy = ARGV[8] } }))
  if ARGV[7] < redis.call('HGET', incident, 'priority') then
    redis.call('HSET', incident, 'priority', ARGV[7], 'runbook', ARGV[6], 'decidedBy', ARGV[8])
  end
  if redis.call('HGET', incident, 'status') == 'contained' then
    redis.call('HSET', incident, 'status', 'containing')
  end
  redis.call('ZADD', tag .. ':attention', now + ARGV[11], open)
  return { 'joined', open, epoch }
end

if redis.call('SCARD', agent .. ':holds') == 0 and redis.call('HEXISTS', agent, 'snapAt') == 0 then
  local caps = redis.call('HMGET', agent, 'capsAt', 'capDaily', 'capMonthly', 'capThreshold')
  if caps[1] and now - caps[1] <= tonumber(ARGV[10]) then
    redis.call('HSET', agent, 'snapAt', now, 'snapSource', 'last-seen', 'snapDaily', caps[2], 'snapMonthly', caps[3], 'snapThreshold', caps[4])
  end
end
local epoch = redis.call('HINCRBY', agent, 'epoch', 1)
local id = 'inc-' .. ARGV[1] .. '-' .. ARGV[3] .. '-' .. epoch
local incident = tag .. ':incident:' .. id
redis.call('HSET', incident, 'id', id, 'agentId', ARGV[2], 'status', 'detected', 'priority', ARGV[7], 'runbook', ARGV[6],
  'epoch', epoch, 'receivedAt', ARGV[9], 'openedAt', now, 'decidedBy', ARGV[8], 'reassertions', 0)
redis.call('HSET', incident .. ':signals', ARGV[4], ARGV[5])
redis.call('RPUSH', incident .. ':timeline', cjson.encode({ at = now, phase = 'detect', what = 'incident-opened', detail = { signal = ARGV[4], policy = ARGV[8], runbook = ARGV[6] } }))
redis.call('HSET', agent, 'incident', id)
redis.call('SADD', agent .. ':holds', id)
redis.call('ZADD', tag .. ':incidents', now, id)
redis.call('ZADD', tag .. ':attention', now + ARGV[11], id)
return { 'opened', id, epoch }
