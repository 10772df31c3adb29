-- Takes the outcome of one spending attempt: counts it, opens the breaker or closes it (P3).
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 'success' | 'failure' · 3 token of the probe it was, or '' · 4 failures in a row that open it
--      5 when a probe is given up, ms · 6 how long failures are remembered, ms
-- Reply {'counted' | 'opened' | 'closed' | 'ignored', failures in a row}
-- While it is open, or half-open, only the probe's own report counts: calls begun before it opened end after it did.
local tag = KEYS[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local breaker = tag .. ':breaker:' .. ARGV[1]
local b = redis.call('HMGET', breaker, 'failures', 'openedAt', 'probe', 'probeAt')

local function open(failures)
  redis.call('HSET', breaker, 'openedAt', now, 'failures', failures)
  redis.call('HDEL', breaker, 'probe', 'probeAt')
  redis.call('PERSIST', breaker)
  redis.call('ZADD', tag .. ':breakers', now, ARGV[1])
  redis.call('HINCRBY', tag .. ':breaker-counts', 'openings', 1)
  changed(tag, 'fleet')
  return { 'opened', failures }
end

local failures = tonumber(b[1] or '0')
if not b[2] then
  if ARGV[3] ~= '' then return { 'ignored', failures } end
  if ARGV[2] == 'success' then
    redis.call('HDEL', breaker, 'failures')
    return { 'counted', 0 }
  end
  if failures + 1 >= tonumber(ARGV[4]) then return open(failures + 1) end
  redis.call('HSET', breaker, 'failures', failures + 1)
  redis.call('PEXPIRE', breaker, ARGV[6])
  return { 'counted', failures + 1 }
end
local isProbe = ARGV[3] ~= '' and b[3] == ARGV[3] and now - b[4] < tonumber(ARGV[5])
if not isProbe then return { 'ignored', failures } end
if ARGV[2] == 'failure' then return open(failures + 1) end
redis.call('HDEL', breaker, 'openedAt', 'failures', 'probe', 'probeAt')
redis.call('PEXPIRE', breaker, ARGV[6])
redis.call('ZREM', tag .. ':breakers', ARGV[1])
changed(tag, 'fleet')
return { 'closed', 0 }
