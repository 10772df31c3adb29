-- Redis's time and every silence made while the product runs: one round trip for a path on which each is money.
-- KEYS 1 fleet tag
-- Reply {now ms, JSON of each ...}
local t = redis.call('TIME')
local found = redis.call('HVALS', KEYS[1] .. ':silences')
table.insert(found, 1, t[1] * 1000 + math.floor(t[2] / 1000))
return found
