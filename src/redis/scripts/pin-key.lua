-- Keeps the first public key seen of an agent, and answers it.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 public key, or '' where this reading shows none that may be kept
-- Reply {key that stands or '', epoch, dry runs ended}
local key = KEYS[1] .. ':first-key:' .. ARGV[1]
if ARGV[2] ~= '' then redis.call('SET', key, ARGV[2], 'NX') end
local agent = redis.call('HMGET', KEYS[1] .. ':agent:' .. ARGV[1], 'epoch', 'observedEnded')
return { redis.call('GET', key) or '', agent[1] or '0', agent[2] or '0' }
