-- Stores one delivery as received, or answers that it is a duplicate (G1, G3, G4).
-- KEYS 1 partition tag
-- ARGV 1 dedup hash · 2 event id to use if new · 3 dedup lifetime ms · 4 agent id or '' · 5 event type · 6 source
--      7 raw body · 8 disposition if already decided, or '' (then it is pending) · 9 reason · 10 retention ms once disposed
--      11 verdicts JSON, or '' · 12 what it shows to be alive, or '' · 13 traceparent, or ''
--      14 '1' if its agent is heard of by it (I7, I8) · 15 what of it was told, or '' · 16 most agents kept
--      17 most things kept of one agent · 18 how long, ms
-- Reply {'new' | 'duplicate', event id, received at ms}
-- A hit is a duplicate only while the agent's epoch is unchanged or the agent is held: the same bytes after a release
-- are a new trouble and get a new event id. Safe to run twice: the second run answers 'duplicate' with the same id.
local tag = KEYS[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local agent = tag .. ':agent:' .. ARGV[4]
local epoch = ARGV[4] ~= '' and redis.call('HGET', agent, 'epoch') or '0'
if not epoch then epoch = '0' end
local counters = tag .. ':intake'
local dedup = tag .. ':dedup:' .. ARGV[1]
local id, generation = ARGV[2], 0

local known = redis.call('GET', dedup)
if known then
  local knownId, knownEpoch, knownGeneration = string.match(known, '^(%S+) (%S+) (%S+)$')
  if knownEpoch == epoch or (ARGV[4] ~= '' and redis.call('SCARD', agent .. ':holds') > 0) then
    redis.call('HINCRBY', counters, 'accepted', 1)
    redis.call('HINCRBY', counters, 'duplicate', 1)
    return { 'duplicate', knownId, now }
  end
  generation = knownGeneration + 1
  id = ARGV[2] .. '-' .. generation
end

local event = tag .. ':event:' .. id
redis.call('SET', dedup, id .. ' ' .. epoch .. ' ' .. generation, 'PX', ARGV[3])
redis.call('HSET', event, 'agent', ARGV[4], 'type', ARGV[5], 'source', ARGV[6], 'raw', ARGV[7], 'at', now)
if ARGV[11] ~= '' then redis.call('HSET', event, 'verdicts', ARGV[11]) end
if ARGV[13] ~= '' then redis.call('HSET', event, 'trace', ARGV[13]) end
redis.call('HINCRBY', counters, 'accepted', 1)
-- What an agent told of itself can be found by agent for a day and an hour: evidence of a breach asks for it (F1).
if ARGV[6] == 'activity' and ARGV[4] ~= '' then
  local told = tag .. ':telemetry:' .. ARGV[4]
  redis.call('ZADD', told, now, id)
  redis.call('ZREMRANGEBYSCORE', told, '-inf', now - 90000000)
  redis.call('ZREMRANGEBYRANK', told, 0, -20001)
  redis.call('PEXPIRE', told, 90000000)
end
-- With the event, not with the job that judges it: what goes straight to a freeze makes an agent known too.
if ARGV[14] == '1' then
  local watch = tag .. ':watch:' .. ARGV[4]
  if ARGV[15] ~= '' then
    redis.call('ZADD', watch .. ':heard', now, ARGV[15])
    redis.call('ZREMRANGEBYRANK', watch .. ':heard', 0, -1 - ARGV[17])
    redis.call('PEXPIRE', watch .. ':heard', ARGV[18])
  end
  -- Not one that was found not to be ours.
  if redis.call('EXISTS', watch .. ':foreign') == 0 then
    redis.call('ZADD', tag .. ':seen-agents', now, ARGV[4])
    redis.call('ZREMRANGEBYRANK', tag .. ':seen-agents', 0, -1 - ARGV[16])
  end
end
if ARGV[12] ~= '' then redis.call('HSET', tag .. ':fed', ARGV[12], now) end
if ARGV[8] == '' then
  redis.call('ZADD', tag .. ':pending', now, id)
else
  redis.call('HSET', event, 'disposition', ARGV[8], 'reason', ARGV[9])
  redis.call('HINCRBY', counters, ARGV[8], 1)
  redis.call('PEXPIRE', event, ARGV[10])
end
return { 'new', id, now }
