-- Whose personal token this is (O6), and that it was used today: written once a day.
-- KEYS 1 fleet tag
-- ARGV 1 SHA-256 of its secret
-- Reply its fields as HGETALL gives them; empty: there is none; {"expired"}: there was
local key = KEYS[1] .. ':token:' .. ARGV[1]
local found = redis.call('HGETALL', key)
if #found == 0 then return found end
local t = redis.call('TIME')
local expiresAt = tonumber(redis.call('HGET', key, 'expiresAt'))
if expiresAt and expiresAt <= t[1] * 1000 + t[2] / 1000 then return {'expired'} end
-- Days since 1970; the name of the day is the reader's to make.
local day = math.floor(t[1] / 86400)
if redis.call('HGET', key, 'usedDay') ~= tostring(day) then redis.call('HSET', key, 'usedDay', day) end
return found
