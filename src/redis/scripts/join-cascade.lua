-- Looks for the signals that one belongs together with, and joins it with them (RB5). Adding, looking and joining are one act:
-- however many workers do it at a time, those that belong together are one group at every moment.
-- KEYS 1 fleet tag
-- ARGV 1 'look' | 'join' · 2 signal id · 3 agent id · 4 event time ms · 5 JSON of the signal · 6 window ms · 7 how long it is looked at, ms
--      8 how long it is known, ms · 9 how many agents make a cascade · 10 JSON {marks, nearest, all}: what it carries; where the nearest
--      signal on either side is enough, since those behind it are joined with it; where all count
-- Reply to look {'standing' | 'over', its cascade or '', id, agent, cascade or '', id, agent, ...}; nothing is changed
-- Reply to join {'standing' | 'over', its cascade or '', 1 if it opened just now else 0, agents not handed over yet...}
-- Each mark costs one search in a sorted set, however many agents the fleet has. Groups that meet become one; the cascade that
-- opened first stays, and its id is what incidents carry. Of a group that is no cascade yet nothing is said.
local tag = KEYS[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local at, window = tonumber(ARGV[4]), tonumber(ARGV[6])
local links = cjson.decode(ARGV[10])
local function keyOf(signal) return tag .. ':cascade:signal:' .. signal end
local function cascade(id) return tag .. ':cascade:' .. id end
local function markKey(mark) return tag .. ':cascade:mark:' .. mark end

local function cascadeOf(group)
  local known = group and redis.call('HMGET', cascade(group), 'openedAt', 'closedAt') or {}
  if not known[1] then return '' end
  return known[2] and 'closed' or group
end

local function near()
  local seen, found = { [ARGV[2]] = true }, {}
  local function meet(ids)
    for _, id in ipairs(ids) do
      local signal = not seen[id] and redis.call('HMGET', keyOf(id), 'agent', 'group') or {}
      seen[id] = true
      if signal[1] then found[#found + 1] = { id = id, agent = signal[1], group = signal[2] } end
    end
  end
  for _, mark in ipairs(links.nearest) do
    -- Two, since one of them may be itself.
    meet(redis.call('ZREVRANGEBYSCORE', markKey(mark), at, at - window, 'LIMIT', 0, 2))
    meet(redis.call('ZRANGEBYSCORE', markKey(mark), at, at + window, 'LIMIT', 0, 2))
  end
  for _, mark in ipairs(links.all) do
    meet(redis.call('ZRANGEBYSCORE', markKey(mark), at - window, at + window, 'LIMIT', 0, 200))
  end
  return found
end

local own = redis.call('HGET', keyOf(ARGV[2]), 'group')
if cascadeOf(own) == 'closed' then return { 'over', '', 0 } end
if ARGV[1] == 'look' then
  local reply = { 'standing', cascadeOf(own) }
  for _, other in ipairs(near()) do
    for _, word in ipairs({ other.id, other.agent, cascadeOf(other.group) }) do reply[#reply + 1] = word end
  end
  return reply
end

redis.call('HSETNX', keyOf(ARGV[2]), 'agent', ARGV[3])
redis.call('HSETNX', keyOf(ARGV[2]), 'json', ARGV[5])
redis.call('PEXPIRE', keyOf(ARGV[2]), ARGV[8])
for _, mark in ipairs(links.marks) do
  redis.call('ZADD', markKey(mark), at, ARGV[2])
  -- By the time of events, not by the clock: a replay of an old night finds the same cascades (cli/backtest).
  redis.call('ZREMRANGEBYSCORE', markKey(mark), '-inf', '(' .. string.format('%d', at - ARGV[7]))
  redis.call('PEXPIRE', markKey(mark), ARGV[7])
end

local members = near()
if #members == 0 and not own then return { 'standing', '', 0 } end
members[#members + 1] = { id = ARGV[2], agent = ARGV[3], group = own }
local groups, known = {}, {}
for _, member in ipairs(members) do
  if member.group and not known[member.group] and cascadeOf(member.group) ~= 'closed' then
    known[member.group] = true
    groups[#groups + 1] = { id = member.group, openedAt = tonumber(redis.call('HGET', cascade(member.group), 'openedAt') or 'inf') }
  end
end
table.sort(groups, function(a, b)
  if a.openedAt ~= b.openedAt then return a.openedAt < b.openedAt end
  return tonumber(string.sub(a.id, 5)) < tonumber(string.sub(b.id, 5))
end)
local id = groups[1] and groups[1].id or 'cas-' .. redis.call('INCR', tag .. ':cascade-count')
local group = cascade(id)

local function add(signal, agent, json)
  redis.call('HSET', group .. ':signals', signal, json)
  redis.call('HSET', keyOf(signal), 'group', id)
  if redis.call('SADD', group .. ':agents', agent) == 1 then redis.call('SADD', group .. ':pending', agent) end
end
for i = 2, #groups do
  local other = cascade(groups[i].id)
  local signals = redis.call('HGETALL', other .. ':signals')
  for j = 1, #signals, 2 do add(signals[j], cjson.decode(signals[j + 1]).agentId, signals[j + 1]) end
  local handedOver = redis.call('HGETALL', other .. ':members')
  for j = 1, #handedOver, 2 do
    redis.call('HSETNX', group .. ':members', handedOver[j], handedOver[j + 1])
    redis.call('SREM', group .. ':pending', handedOver[j])
  end
  redis.call('HSET', other, 'into', id)
  redis.call('DEL', other .. ':agents', other .. ':pending', other .. ':members', other .. ':signals')
  redis.call('ZREM', tag .. ':cascades', groups[i].id)
end
for _, member in ipairs(members) do
  if not member.group then add(member.id, member.agent, redis.call('HGET', keyOf(member.id), 'json')) end
end

local opened = 0
redis.call('HSETNX', group, 'windowMs', ARGV[6])
if redis.call('SCARD', group .. ':agents') >= tonumber(ARGV[9]) then opened = redis.call('HSETNX', group, 'openedAt', now) end
local isCascade = redis.call('HEXISTS', group, 'openedAt') == 1
for _, part in ipairs({ '', ':agents', ':signals', ':pending', ':members' }) do
  if isCascade then redis.call('PERSIST', group .. part) else redis.call('PEXPIRE', group .. part, ARGV[8]) end
end
if not isCascade then return { 'standing', '', 0 } end
if opened == 1 then redis.call('ZADD', tag .. ':cascades', now, id) end
return { 'standing', id, opened, unpack(redis.call('SMEMBERS', group .. ':pending')) }
