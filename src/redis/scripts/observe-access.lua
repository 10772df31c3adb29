-- Remembers one authentication of an agent and answers what is known of its traits.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 event id · 3 event time ms · 4 hash of the address or '' · 5 hash of the user agent or '' · 6 hour of the day, UTC
--      7 day since 1970 · 8 how many first authentications · 9 how many first days · 10 most values of a trait · 11 lifetime ms
-- Reply {time of the last of the first authentications or '', how many are known, last of the first days or '', first times of
--        address, user agent (or '') and hour, stood down at or '', epoch, dry runs ended}
-- Only smallest times and earliest few are kept, so order and repetition change nothing.
local tag, at = KEYS[1], tonumber(ARGV[3])
local base = tag .. ':access:' .. ARGV[1]

-- The earliest `most` members; answers the time of the last of them once they are complete.
local function earliest(key, score, member, most)
  redis.call('ZADD', key, 'NX', score, member)
  redis.call('ZREMRANGEBYRANK', key, most, -1)
  redis.call('PEXPIRE', key, ARGV[11])
  return redis.call('ZRANGE', key, most - 1, most - 1, 'WITHSCORES')[2] or ''
end

-- Value "<first time> <last time>"; the value not seen for longest makes room.
local function firstSeen(trait, value)
  if value == '' then return '' end
  local key = base .. ':' .. trait
  local known = redis.call('HGET', key, value)
  local first, last = at, at
  if known then
    local from, till = string.match(known, '^(%S+) (%S+)$')
    first, last = math.min(at, tonumber(from)), math.max(at, tonumber(till))
  end
  redis.call('HSET', key, value, string.format('%d %d', first, last))
  redis.call('PEXPIRE', key, ARGV[11])
  if redis.call('HLEN', key) > tonumber(ARGV[10]) then
    local all = redis.call('HGETALL', key)
    local oldest, oldestLast
    for i = 1, #all, 2 do
      local till = tonumber(string.match(all[i + 1], '(%S+)$'))
      if not oldest or till < oldestLast then oldest, oldestLast = all[i], till end
    end
    redis.call('HDEL', key, oldest)
  end
  return string.format('%d', first)
end

local foundedAt = earliest(base .. ':first', at, ARGV[2], tonumber(ARGV[8]))
local foundedDay = earliest(base .. ':days', ARGV[7], ARGV[7], tonumber(ARGV[9]))
local address, userAgent, hour = firstSeen('address', ARGV[4]), firstSeen('user-agent', ARGV[5]), firstSeen('hour', ARGV[6])
local agent = redis.call('HMGET', tag .. ':agent:' .. ARGV[1], 'stoodDownAt', 'epoch', 'observedEnded')
return { foundedAt, redis.call('ZCARD', base .. ':first'), foundedDay, address, userAgent, hour, agent[1] or '', agent[2] or '0', agent[3] or '0' }
