-- Evidence as it was taken; the first of each part stays. The ledger keeps its digest.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 part · 3 evidence, canonical JSON · 4 its size in bytes · 5 its SHA-256
-- Reply 1 kept, 0 there was one already
local tag, id = KEYS[1], ARGV[1]
if redis.call('HSETNX', tag .. ':incident:' .. id .. ':evidence', ARGV[2], ARGV[3]) == 0 then return 0 end
chain(tag, id, 'learn', 'evidence-kept', '{"evidence":{"bytes":' .. ARGV[4] .. ',"sha256":"' .. ARGV[5] .. '"},"part":' .. quote(ARGV[2]) .. '}')
changed(tag, id)
return 1
