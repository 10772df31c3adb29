-- What changed, for whoever watches (redis/changes.ts). `changed`: zset of incident ids and topics (incident/changes.ts) by the
-- time of their last change. What is older than an hour is forgotten by who reads it, and where an incident comes to an end.
local function changed(tag, what)
  local t = redis.call('TIME')
  redis.call('ZADD', tag .. ':changed', t[1] * 1000 + math.floor(t[2] / 1000), what)
end
