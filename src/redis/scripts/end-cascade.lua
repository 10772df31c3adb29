-- Takes signals out of the fleet-wide window, so that nobody is linked through them any more (RB5).
-- KEYS 1 fleet tag
-- ARGV 1 'forget' | 'close' · 2 signal id to forget | cascade id to close
-- Reply 1
-- A signal is forgotten once its own incident is over; a cascade is closed once all of its incidents are, and keeps its record.
local tag = KEYS[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function leaveWindow(signal, json)
  for _, mark in ipairs(cjson.decode(json).marks) do redis.call('ZREM', tag .. ':cascade:mark:' .. mark, signal) end
end
if ARGV[1] == 'close' then
  local cascade = tag .. ':cascade:' .. ARGV[2]
  if redis.call('HEXISTS', cascade, 'openedAt') == 0 then return 1 end
  redis.call('HSETNX', cascade, 'closedAt', now)
  local signals = redis.call('HGETALL', cascade .. ':signals')
  for i = 1, #signals, 2 do leaveWindow(signals[i], signals[i + 1]) end
  return 1
end
local own = tag .. ':cascade:signal:' .. ARGV[2]
local known = redis.call('HMGET', own, 'json', 'agent', 'group')
if not known[1] then return 1 end
redis.call('DEL', own)
leaveWindow(ARGV[2], known[1])
local group = known[3] and tag .. ':cascade:' .. known[3]
-- What is a cascade keeps whoever was in it; a group that may become one does not count who is out of it.
if group and redis.call('HEXISTS', group, 'openedAt') == 0 then
  redis.call('HDEL', group .. ':signals', ARGV[2])
  local agents = {}
  for _, json in ipairs(redis.call('HVALS', group .. ':signals')) do agents[cjson.decode(json).agentId] = true end
  if not agents[known[2]] then
    redis.call('SREM', group .. ':agents', known[2])
    redis.call('SREM', group .. ':pending', known[2])
  end
end
return 1
