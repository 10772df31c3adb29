-- Claims an order that came with an Idempotency-Key, or says what became of it.
-- KEYS 1 fleet tag
-- ARGV 1 digest of credential, operation and key · 2 digest of what is asked · 3 owner, unique per attempt
--      4 how long a claim lives, ms · 5 of one that was begun: while it lives longer than that it is in hand, ms
-- Reply {'go'} · {'in-hand'} · {'outcome-unknown'} · {'another-request'} · {'done', reply}
local order = KEYS[1] .. ':idempotency:' .. ARGV[1]
local stood = redis.call('HMGET', order, 'request', 'state', 'reply')
if not stood[1] then
  redis.call('HSET', order, 'request', ARGV[2], 'state', 'claimed', 'owner', ARGV[3])
  redis.call('PEXPIRE', order, ARGV[4])
  return { 'go' }
end
if stood[1] ~= ARGV[2] then return { 'another-request' } end
if stood[2] == 'done' then return { 'done', stood[3] } end
if stood[2] == 'claimed' then return { 'in-hand' } end
-- How long ago it was begun is what it has lost of its time.
if stood[2] == 'begun' and redis.call('PTTL', order) > tonumber(ARGV[5]) then return { 'in-hand' } end
return { 'outcome-unknown' }
