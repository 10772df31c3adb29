-- Keeps a signed checkpoint of an incident's ledger, and books the next one where entries followed meanwhile.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 the entry it signs for, its number · 3 its hash · 4 the checkpoint, JSON · 5 sign what followed within ms
-- Reply 1 kept, 0 that entry has another hash, or somebody has signed for it, or for a later one, meanwhile
local tag = KEYS[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ledger = tag .. ':incident:' .. ARGV[1] .. ':ledger'
if redis.call('LINDEX', ledger .. ':hashes', ARGV[2] - 1) ~= ARGV[3] then return 0 end
local last = redis.call('LINDEX', ledger .. ':checkpoints', -1)
if last and cjson.decode(last).seq >= tonumber(ARGV[2]) then return 0 end
redis.call('RPUSH', ledger .. ':checkpoints', ARGV[4])
if redis.call('LLEN', ledger) > tonumber(ARGV[2]) then redis.call('ZADD', tag .. ':unsigned', now + ARGV[5], ARGV[1])
else redis.call('ZREM', tag .. ':unsigned', ARGV[1]) end
return 1
