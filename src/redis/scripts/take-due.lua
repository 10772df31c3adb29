-- Takes the incidents somebody must look at now and books their next look, so that a lost job costs one interval.
-- KEYS 1 partition tag
-- ARGV 1 next look after ms · 2 at most
-- Reply {now ms, incident ids...}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local attention = KEYS[1] .. ':attention'
local due = redis.call('ZRANGEBYSCORE', attention, '-inf', now, 'LIMIT', 0, ARGV[2])
for _, id in ipairs(due) do redis.call('ZADD', attention, now + ARGV[1], id) end
table.insert(due, 1, now)
return due
