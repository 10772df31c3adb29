-- One entry of the audit trail, which is a ledger of its own: numbered, hashed and signed as an incident's (ledger.lua).
-- KEYS 1 partition tag
-- ARGV 1 the trail's id · 2 what · 3 detail JSON · 4 what the ledger keeps of the detail · 5 the entry whose change ends, or ""
-- Reply its number
chain(KEYS[1], ARGV[1], nil, ARGV[2], attach(KEYS[1], ARGV[1], ARGV[3], ARGV[4]))
local trail = KEYS[1] .. ':incident:' .. ARGV[1] .. ':ledger'
local seq = redis.call('LLEN', trail)
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1] .. ':audit-ends', ARGV[5], seq) end
changed(KEYS[1], 'audit')
return seq
