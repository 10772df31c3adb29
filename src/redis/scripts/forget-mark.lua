-- A mark that an incident left is gone, wholly taken back.
-- KEYS 1 partition tag of the incident
-- ARGV 1 incident id · 2 'agent' | 'payee' · 3 whom · 4 what
-- Reply 1 it stood, 0 there was none
local tag, id = KEYS[1], ARGV[1]
local marks, field = tag .. ':marks:' .. ARGV[2] .. ':' .. ARGV[3], id .. ' ' .. ARGV[4]
local left, member = tag .. ':incident:' .. id .. ':marked:' .. ARGV[2], ARGV[4] .. ' ' .. ARGV[3]
if redis.call('HEXISTS', marks, field) + redis.call('SISMEMBER', left, member) == 0 then return 0 end
chain(tag, id, 'recover', 'mark-gone', '{"kind":' .. quote(ARGV[2]) .. ',"mark":' .. quote(ARGV[4]) .. ',"whom":' .. quote(ARGV[3]) .. '}')
redis.call('HDEL', marks, field)
redis.call('SREM', left, member)
return 1
