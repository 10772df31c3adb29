-- What every script that begins, moves, ends or asks about an escalation has in front of it, after ledger.lua (N2).
-- Fields of an incident: escalation, JSON of the policy as it was when the incident opened, never changed; escalationPriority, whose
-- levels count; escalationSince, from when on; escalationTold, how many of them were told; 'told:<priority>:<level>', over which channels.
-- zset 'escalations': incident by when its next level is due. Who is not in it is due never.

-- This person has it from now on, by acknowledging it or by asking for stand-down or recovery. The first one stays, for good:
-- nothing that joins later, and no recovery that is refused, takes it back. Answers 1 for the first.
local function takeOn(tag, id, by)
  local incident = tag .. ':incident:' .. id
  local isFirst = redis.call('HSETNX', incident, 'acknowledgedBy', by)
  if isFirst == 1 then redis.call('HSET', incident, 'acknowledgedAt', now) end
  redis.call('ZREM', tag .. ':escalations', id)
  return isFirst
end

-- Somebody has it, or it is over: nobody needs to be woken for it any more.
local function isInHand(incident)
  local known = redis.call('HMGET', incident, 'acknowledgedBy', 'closedAt')
  return known[1] or known[2]
end

local function levelsOf(incident, priority)
  local policy = redis.call('HGET', incident, 'escalation')
  return policy and cjson.decode(policy)[priority] or {}
end

-- The time of the level that is next, or no time at all.
local function bookNextLevel(tag, id)
  local incident = tag .. ':incident:' .. id
  local known = redis.call('HMGET', incident, 'escalationPriority', 'escalationSince', 'escalationTold')
  local level = known[1] and levelsOf(incident, known[1])[known[3] + 1]
  if level and not isInHand(incident) then
    redis.call('ZADD', tag .. ':escalations', known[2] + level.afterMs, id)
  else
    redis.call('ZREM', tag .. ':escalations', id)
  end
end

-- It is of this priority from now on: the wait of that priority begins, and nobody waits longer than before. Where nobody is waited
-- for under the new one, what was booked before stays.
local function escalateAs(tag, id, priority)
  local incident = tag .. ':incident:' .. id
  local levels = levelsOf(incident, priority)
  if #levels == 0 then return end
  local due = redis.call('ZSCORE', tag .. ':escalations', id)
  local since = due and math.min(now, due - levels[1].afterMs) or now
  redis.call('HSET', incident, 'escalationPriority', priority, 'escalationSince', string.format('%d', since), 'escalationTold', 0)
  bookNextLevel(tag, id)
end

-- policy '': nobody is woken for it.
local function beginEscalation(tag, id, policy, priority)
  if policy == '' then return end
  redis.call('HSET', tag .. ':incident:' .. id, 'escalation', policy)
  escalateAs(tag, id, priority)
end
