-- A mark that an incident left counts no more, and stays to be seen until it is forgotten (incident/marks.ts).
-- KEYS 1 partition tag of the incident
-- ARGV 1 incident id · 2 'agent' | 'payee' · 3 whom · 4 what · 5 the mark as withdrawn, JSON
-- Reply 1
redis.call('HSET', KEYS[1] .. ':marks:' .. ARGV[2] .. ':' .. ARGV[3], ARGV[1] .. ' ' .. ARGV[4], ARGV[5])
chain(KEYS[1], ARGV[1], 'recover', 'mark-withdrawn', '{"kind":' .. quote(ARGV[2]) .. ',"mark":' .. quote(ARGV[4]) .. ',"whom":' .. quote(ARGV[3]) .. '}')
return 1
