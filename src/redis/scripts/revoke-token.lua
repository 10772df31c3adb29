-- Forgets a personal token (O6); use-session.lua ends its sessions when they are next used, since it looks for it.
-- KEYS 1 fleet tag
-- ARGV 1 id
-- Reply its fields as HGETALL gives them; empty: there is none
local digest = redis.call('HGET', KEYS[1] .. ':tokens', ARGV[1])
if not digest then return {} end
local key = KEYS[1] .. ':token:' .. digest
local found = redis.call('HGETALL', key)
redis.call('DEL', key)
redis.call('HDEL', KEYS[1] .. ':tokens', ARGV[1])
return found
