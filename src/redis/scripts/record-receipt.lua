-- Keeps what a done step returned; the first receipt stays (design, decision 8).
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 step · 3 result JSON · 4 phase
-- Reply {1 | 0, the receipt that stands, JSON}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local incident = KEYS[1] .. ':incident:' .. ARGV[1]
local receipt = '{"step":' .. cjson.encode(ARGV[2]) .. ',"at":' .. string.format('%d', now) .. ',"result":' .. ARGV[3] .. '}'
if redis.call('HSETNX', incident .. ':receipts', ARGV[2], receipt) == 0 then
  return { 0, redis.call('HGET', incident .. ':receipts', ARGV[2]) }
end
redis.call('RPUSH', incident .. ':timeline', '{"at":' .. string.format('%d', now) .. ',"phase":' .. cjson.encode(ARGV[4]) .. ',"what":"step-done","detail":{"step":' .. cjson.encode(ARGV[2]) .. ',"result":' .. ARGV[3] .. '}}')
return { 1, receipt }
