-- Keeps what a done step returned; the first receipt stays (design, decision 8).
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 step · 3 result JSON · 4 phase · 5 what the ledger keeps of the result
-- Reply {1 | 0, the receipt that stands, JSON}
local incident = KEYS[1] .. ':incident:' .. ARGV[1]
local receipt = '{"step":' .. quote(ARGV[2]) .. ',"at":' .. string.format('%d', now) .. ',"result":' .. ARGV[3] .. '}'
if redis.call('HSETNX', incident .. ':receipts', ARGV[2], receipt) == 0 then
  return { 0, redis.call('HGET', incident .. ':receipts', ARGV[2]) }
end
local function done(result)
  return '{"result":' .. result .. ',"step":' .. quote(ARGV[2]) .. '}'
end
tellRuns(KEYS[1], ARGV[1], false)
worked(KEYS[1], ARGV[1], 'step-failed ' .. ARGV[2])
attach(KEYS[1], ARGV[1], ARGV[3], ARGV[5])
record(KEYS[1], ARGV[1], ARGV[4], 'step-done', done(ARGV[3]), done(ARGV[5]))
return { 1, receipt }
