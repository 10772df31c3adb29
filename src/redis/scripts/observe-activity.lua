-- Adds one tool call or one error of an agent to its window, once, and answers what the rules look at.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 'calls' or 'errors' · 3 event id · 4 tool or code, escaped · 5 event time ms · 6 ms either side that are
--      answered · 7 neighbours either side that are answered however far · 8 most entries · 9 most minutes, 0: none are counted
--      10 lifetime ms
-- Reply {members "<event> <what> <time>", {minute, calls, ...}, epoch, dry runs ended, last minute before an incident was over or '-1'}
-- An entry that a full window has forgotten is not added again: told of twice it would count twice.
local tag, kind = KEYS[1], ARGV[2]
local at, near, most = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[8])
local window = tag .. ':activity:' .. kind .. ':' .. ARGV[1]
local minutes = tag .. ':activity:minutes:' .. ARGV[1]
local agentKey = tag .. ':agent:' .. ARGV[1]
local agent = redis.call('HMGET', agentKey, 'epoch', 'observedEnded', 'afresh', kind .. 'Afresh', 'afreshCallMinute')
local afresh, afreshMinute = agent[3] or '0', agent[5] or '-1'

-- An incident of the agent was over since we last looked: what led to it is not held against it again.
if afresh ~= (agent[4] or '0') then
  if kind == 'calls' then
    for _, minute in ipairs(redis.call('HKEYS', minutes)) do
      afreshMinute = tostring(math.max(tonumber(afreshMinute), tonumber(minute)))
    end
  end
  redis.call('HSET', agentKey, kind .. 'Afresh', afresh, 'afreshCallMinute', afreshMinute)
  redis.call('DEL', window)
end

local member = ARGV[3] .. ' ' .. ARGV[4]
local oldest = redis.call('ZCARD', window) >= most and tonumber(redis.call('ZRANGE', window, 0, 0, 'WITHSCORES')[2])
if not (oldest and at <= oldest) and redis.call('ZADD', window, 'NX', at, member) == 1 and ARGV[9] ~= '0' then
  redis.call('HINCRBY', minutes, string.format('%d', math.floor(at / 60000)), 1)
  if redis.call('HLEN', minutes) > tonumber(ARGV[9]) then
    local all = redis.call('HKEYS', minutes)
    table.sort(all, function(a, b) return tonumber(a) < tonumber(b) end)
    for i = 1, #all - ARGV[9] do redis.call('HDEL', minutes, all[i]) end
  end
  redis.call('PEXPIRE', minutes, 604800000)
end
redis.call('ZREMRANGEBYRANK', window, 0, -1 - most)
redis.call('PEXPIRE', window, ARGV[10])

local first = redis.call('ZCOUNT', window, '-inf', '(' .. (at - near))
local last = redis.call('ZCOUNT', window, '-inf', at + near) - 1
local rank = redis.call('ZRANK', window, member)
if rank then first, last = math.min(first, rank - ARGV[7]), math.max(last, rank + ARGV[7]) end
local entries = {}
if last >= 0 then
  local found = redis.call('ZRANGE', window, math.max(first, 0), last, 'WITHSCORES')
  for i = 1, #found, 2 do entries[#entries + 1] = found[i] .. ' ' .. found[i + 1] end
end
return { entries, ARGV[9] ~= '0' and redis.call('HGETALL', minutes) or {}, agent[1] or '0', agent[2] or '0', afreshMinute }
