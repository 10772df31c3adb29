-- Notes what an incident asks of an agent or says of a payee, so that it can be taken back when the incident is over (C7, RB2).
-- KEYS 1 partition tag of the incident
-- ARGV 1 incident id · 2 'agent' | 'payee' · 3 whom · 4 what · 5 JSON, first one stays · 6 what the ledger keeps of it
-- Reply 1 it stands, 0 the incident is over, recovering or standing down: from then on it may leave none (the fence of release)
local tag = KEYS[1]
local incident = tag .. ':incident:' .. ARGV[1]
local known = redis.call('HMGET', incident, 'status', 'standDownBy')
if not known[1] or known[2] or known[1] == 'recovering' or known[1] == 'resolved' or known[1] == 'stood-down' then return 0 end
redis.call('SADD', incident .. ':marked:' .. ARGV[2], ARGV[4] .. ' ' .. ARGV[3])
if redis.call('HSETNX', tag .. ':marks:' .. ARGV[2] .. ':' .. ARGV[3], ARGV[1] .. ' ' .. ARGV[4], ARGV[5]) == 1 then
  local mark = attach(tag, ARGV[1], ARGV[5], ARGV[6])
  chain(tag, ARGV[1], 'contain', 'mark-left', '{"kind":' .. quote(ARGV[2]) .. ',"mark":' .. mark .. ',"whom":' .. quote(ARGV[3]) .. '}')
end
return 1
