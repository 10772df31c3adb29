-- Joins signals into one group, and says when the group is a cascade (RB5): one claim, however many workers make it.
-- KEYS 1 fleet tag
-- ARGV 1 window ms · 2 how many agents make a cascade · 3 how long a group that is none is known, ms · 4... signal ids
-- Reply {cascade id or '', 1 if it opened just now else 0, agents not handed over yet...}
-- Groups that meet become one: the cascade that opened first stays, its id is what incidents carry.
local tag = KEYS[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function cascade(id) return tag .. ':cascade:' .. id end

local groups, lone = {}, {}
local known = {}
for i = 4, #ARGV do
  local signal = redis.call('HMGET', tag .. ':cascade:signal:' .. ARGV[i], 'agent', 'group', 'over')
  local group = signal[2]
  if group and redis.call('HEXISTS', cascade(group), 'closedAt') == 0 then
    if not known[group] then
      known[group] = true
      groups[#groups + 1] = { id = group, openedAt = tonumber(redis.call('HGET', cascade(group), 'openedAt') or 'inf') }
    end
  elseif signal[1] and not signal[3] and not group then
    lone[#lone + 1] = { id = ARGV[i], agent = signal[1] }
  end
end
if #groups == 0 and #lone < 2 then return { '', 0 } end
table.sort(groups, function(a, b)
  if a.openedAt ~= b.openedAt then return a.openedAt < b.openedAt end
  return tonumber(string.sub(a.id, 5)) < tonumber(string.sub(b.id, 5))
end)

local id = groups[1] and groups[1].id or 'cas-' .. redis.call('INCR', tag .. ':cascade-count')
local function add(signal, agent)
  redis.call('HSET', cascade(id) .. ':signals', signal, redis.call('HGET', tag .. ':cascade:signal:' .. signal, 'json'))
  redis.call('HSET', tag .. ':cascade:signal:' .. signal, 'group', id)
  if redis.call('SADD', cascade(id) .. ':agents', agent) == 1 then redis.call('SADD', cascade(id) .. ':pending', agent) end
end
for i = 2, #groups do
  local other = cascade(groups[i].id)
  for _, agent in ipairs(redis.call('SMEMBERS', other .. ':agents')) do
    local member = redis.call('HGET', other .. ':members', agent)
    if member then redis.call('HSETNX', cascade(id) .. ':members', agent, member) end
    if redis.call('SADD', cascade(id) .. ':agents', agent) == 1 and not member then
      redis.call('SADD', cascade(id) .. ':pending', agent)
    end
  end
  for _, signal in ipairs(redis.call('HKEYS', other .. ':signals')) do
    redis.call('HSET', cascade(id) .. ':signals', signal, redis.call('HGET', other .. ':signals', signal))
    redis.call('HSET', tag .. ':cascade:signal:' .. signal, 'group', id)
  end
  redis.call('HSET', other, 'into', id)
  redis.call('DEL', other .. ':agents', other .. ':pending', other .. ':members', other .. ':signals')
  redis.call('ZREM', tag .. ':cascades', groups[i].id)
end
for _, signal in ipairs(lone) do add(signal.id, signal.agent) end

local opened = 0
redis.call('HSETNX', cascade(id), 'windowMs', ARGV[1])
if redis.call('SCARD', cascade(id) .. ':agents') >= tonumber(ARGV[2]) then
  opened = redis.call('HSETNX', cascade(id), 'openedAt', now)
end
local isCascade = redis.call('HEXISTS', cascade(id), 'openedAt') == 1
for _, part in ipairs({ '', ':agents', ':signals', ':pending', ':members' }) do
  redis.call(isCascade and 'PERSIST' or 'PEXPIRE', cascade(id) .. part, unpack(isCascade and {} or { ARGV[3] }))
end
if opened == 1 then redis.call('ZADD', tag .. ':cascades', now, id) end
if not isCascade then return { '', 0 } end
return { id, opened, unpack(redis.call('SMEMBERS', cascade(id) .. ':pending')) }
