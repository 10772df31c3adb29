-- What became of escrows, as one batch.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 the batch as JSON · 3 what the ledger keeps of it · 4.. escrow id, its record as JSON, by turns
-- Reply how many were new
local tag, id = KEYS[1], ARGV[1]
chain(tag, id, 'contain', 'escrows-recorded', '{"escrows":' .. attach(tag, id, ARGV[2], ARGV[3]) .. '}')
local new = 0
local escrows = tag .. ':incident:' .. id .. ':escrows'
for i = 4, #ARGV, 2 do
  local before = redis.call('HGET', escrows, ARGV[i])
  if before then countEscrow(tag, id, before, '-') end
  countEscrow(tag, id, ARGV[i + 1], '')
  new = new + redis.call('HSET', escrows, ARGV[i], ARGV[i + 1])
end
changed(tag, id)
return new
