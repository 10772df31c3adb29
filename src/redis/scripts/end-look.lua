-- Keeps what one look at an agent left, after its events were accepted (I7).
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 owner · 3 memory JSON · 4 '1' if budget and escrows were read · 5 lifetime ms
--      6 number n of told escrows · then n pairs of escrow id and its time of creation or '' · then the ids of those held no more
-- Reply 1 kept, 0 somebody else looks by now
local watch = KEYS[1] .. ':watch:' .. ARGV[1]
if redis.call('HGET', watch, 'owner') ~= ARGV[2] then return 0 end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('HSET', watch, 'memory', ARGV[3])
measure(KEYS[1], ARGV[4] == '1' and 'looks whole' or 'looks partial', 1)
if ARGV[4] == '1' then redis.call('HSET', watch, 'wholeAt', now) end
local told = watch .. ':told'
local first = 7
local last = 6 + 2 * ARGV[6]
for i = first, last, 2 do redis.call('HSET', told, ARGV[i], ARGV[i + 1]) end
for i = last + 1, #ARGV do redis.call('HDEL', told, ARGV[i]) end
redis.call('HDEL', watch, 'owner', 'until')
redis.call('PEXPIRE', watch, ARGV[5])
redis.call('PEXPIRE', told, ARGV[5])
return 1
