-- Adds a signal to the fleet-wide window and answers the signals that it may belong together with (RB5). Adding comes first,
-- looking second, in one act: of two signals on two workers at least one sees the other.
-- KEYS 1 fleet tag
-- ARGV 1 signal id · 2 agent id · 3 event time ms · 4 JSON of the signal · 5 window ms · 6 how long it is looked at, ms
--      7 how long it is known, ms · 8 JSON {marks, nearest, all}: what it carries; where the nearest is enough; where all count
-- Reply {'standing' | 'over', its cascade or '', id, agent, cascade or '', id, agent, ...}
-- Each mark costs one search in a sorted set, however many agents the fleet has.
local tag = KEYS[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local at, window = tonumber(ARGV[3]), tonumber(ARGV[5])
local own = tag .. ':cascade:signal:' .. ARGV[1]
local links = cjson.decode(ARGV[8])

-- Of a group that is no cascade yet nothing is said.
local function cascadeOf(signal)
  local group = redis.call('HGET', signal, 'group')
  if not group then return '' end
  local known = redis.call('HMGET', tag .. ':cascade:' .. group, 'openedAt', 'closedAt')
  if not known[1] then return '' end
  return known[2] and 'closed' or group
end

if redis.call('HEXISTS', own, 'over') == 1 or cascadeOf(own) == 'closed' then return { 'over', '' } end
redis.call('HSETNX', own, 'agent', ARGV[2])
redis.call('HSETNX', own, 'json', ARGV[4])
redis.call('PEXPIRE', own, ARGV[7])
for _, mark in ipairs(links.marks) do
  local set = tag .. ':cascade:mark:' .. mark
  redis.call('ZADD', set, at, ARGV[1])
  redis.call('ZREMRANGEBYSCORE', set, '-inf', '(' .. string.format('%d', now - ARGV[6]))
  redis.call('PEXPIRE', set, ARGV[6])
end

local seen, near = { [ARGV[1]] = true }, {}
local function meet(found)
  for _, id in ipairs(found) do
    if not seen[id] then
      seen[id] = true
      local signal = tag .. ':cascade:signal:' .. id
      local agent = redis.call('HGET', signal, 'agent')
      if agent then
        near[#near + 1] = id
        near[#near + 1] = agent
        near[#near + 1] = cascadeOf(signal)
      end
    end
  end
end
for _, mark in ipairs(links.nearest) do
  local set = tag .. ':cascade:mark:' .. mark
  -- Two, since one of them may be itself.
  meet(redis.call('ZREVRANGEBYSCORE', set, at, at - window, 'LIMIT', 0, 2))
  meet(redis.call('ZRANGEBYSCORE', set, at, at + window, 'LIMIT', 0, 2))
end
for _, mark in ipairs(links.all) do
  meet(redis.call('ZRANGEBYSCORE', tag .. ':cascade:mark:' .. mark, at - window, at + window, 'LIMIT', 0, 200))
end
return { 'standing', cascadeOf(own), unpack(near) }
