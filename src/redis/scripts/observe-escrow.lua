-- Adds one opened escrow to its payer's window and answers what the rules look at. The same escrow counts once.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 escrow id · 3 payee · 4 amount, decimal string · 5 amount in 1e-8 units · 6 event time ms
--      7 window ms kept either side of the event · 8 most entries kept · 9 most minutes kept · 10 event id
-- Reply {members "<time> <escrow> <amount> <event> <payee>" near the event, {minute, units, ...}, epoch, open incident or '', caps seen at or '', dry runs ended}
local tag = KEYS[1]
local window = tag .. ':window:' .. ARGV[1]
local principal = tag .. ':principal:' .. ARGV[1]
local at, span = tonumber(ARGV[6]), tonumber(ARGV[7])
-- A full window has forgotten who is older than its oldest: told of again, such an escrow must not count again.
local oldest = redis.call('ZCARD', window) >= tonumber(ARGV[8]) and tonumber(redis.call('ZRANGE', window, 0, 0, 'WITHSCORES')[2])
local seenAt = redis.call('HGET', window .. ':seen', ARGV[2])
-- An id that comes again a whole window later is another escrow: a gateway's ids restart when its database is restored.
local isNew = not seenAt or math.abs(at - seenAt) > span
if not (oldest and at <= oldest) and isNew then
  redis.call('HSET', window .. ':seen', ARGV[2], at)
  redis.call('ZADD', window, at, ARGV[2] .. ' ' .. ARGV[4] .. ' ' .. ARGV[10] .. ' ' .. ARGV[3])
  redis.call('HINCRBY', principal, string.format('%d', math.floor(at / 60000)), ARGV[5])
end
local extra = redis.call('ZCARD', window) - ARGV[8]
if extra > 0 then
  for _, member in ipairs(redis.call('ZRANGE', window, 0, extra - 1)) do
    redis.call('HDEL', window .. ':seen', string.match(member, '^(%S+)'))
  end
  redis.call('ZREMRANGEBYRANK', window, 0, extra - 1)
end
if redis.call('HLEN', principal) > tonumber(ARGV[9]) then
  local minutes = redis.call('HKEYS', principal)
  table.sort(minutes, function(a, b) return tonumber(a) < tonumber(b) end)
  for i = 1, #minutes - ARGV[9] do redis.call('HDEL', principal, minutes[i]) end
end
redis.call('PEXPIRE', window, 3600000)
redis.call('PEXPIRE', window .. ':seen', 3600000)
redis.call('PEXPIRE', principal, 604800000)
local near = {}
local found = redis.call('ZRANGEBYSCORE', window, at - span, at + span, 'WITHSCORES')
for i = 1, #found, 2 do near[#near + 1] = found[i + 1] .. ' ' .. found[i] end
local agent = redis.call('HMGET', tag .. ':agent:' .. ARGV[1], 'epoch', 'incident', 'capsAt', 'observedEnded')
return { near, redis.call('HGETALL', principal), agent[1] or '0', agent[2] or '', agent[3] or '', agent[4] or '0' }
