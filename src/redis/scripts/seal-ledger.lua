-- Keeps the hashes of an incident's ledger lines (incident/ledger.ts says of what), computed by whoever asks.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 how many hashes there were when these were computed · 3.. the next ones
-- Reply 1 kept, 0 somebody else was quicker: what they kept is the same
local hashes = KEYS[1] .. ':incident:' .. ARGV[1] .. ':ledger:hashes'
if redis.call('LLEN', hashes) ~= tonumber(ARGV[2]) then return 0 end
for i = 3, #ARGV do redis.call('RPUSH', hashes, ARGV[i]) end
return 1
