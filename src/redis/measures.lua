-- What scripts that count for the metrics have in front of them, after the bounds of incident/measures.ts: it is counted in the act
-- itself, so a worker that is killed loses nothing and counts nothing twice, and a scrape reads one hash however much there is.
-- hash 'measures': 'incidents <status> <priority>' how many there are; '<span> <bound ms | inf>' how many took so long, '<span> ms'
-- all of them together; 'money <result>' of all escrows in 1e-8, 'closed <result>' those of incidents that are over; 'looks whole', 'looks partial'.
-- Answers false where a sum is more than 64 bits hold: an amount like that is somebody's, and must stop no containment.
local function add(key, field, by) return type(redis.pcall('HINCRBY', key, field, by)) == 'number' end
local function measure(tag, field, by) add(tag .. ':measures', field, by) end

-- label: told apart by it, or nil.
local function observe(tag, span, label, ms)
  local name, bound = label and span .. '/' .. label or span, 'inf'
  ms = math.max(0, math.floor(ms))
  for _, one in ipairs(BOUNDS[span]) do
    if ms <= one then
      bound = string.format('%d', one)
      break
    end
  end
  measure(tag, name .. ' ' .. bound, 1)
  measure(tag, name .. ' ms', string.format('%d', ms))
end

-- The one way to write an incident's status or priority.
local function setIncident(tag, id, ...)
  local incident = tag .. ':incident:' .. id
  local before = redis.call('HMGET', incident, 'status', 'priority')
  redis.call('HSET', incident, ...)
  local after = redis.call('HMGET', incident, 'status', 'priority')
  if before[1] == after[1] and before[2] == after[2] then return end
  if before[1] then measure(tag, 'incidents ' .. before[1] .. ' ' .. before[2], -1) end
  measure(tag, 'incidents ' .. after[1] .. ' ' .. after[2], 1)
end

-- When what led to it arrived.
local function arrivedAt(tag, id)
  return tonumber(redis.call('HGET', tag .. ':incident:' .. id, 'receivedAt')) or now
end

local results = { 'held', 'failed', 'recovered', 'lost' }
local isCounted = { held = true, failed = true, recovered = true, lost = true }

-- A decimal string of ours as a whole number of 1e-8, a string too: a number in here is exact only to 2^53. What is none is 0.
local function units(amount)
  local whole, part = string.match(tostring(amount), '^(%d+)%.?(%d*)$')
  if not whole or #part > 8 then return '0' end
  return (whole .. part .. string.rep('0', 8 - #part)):gsub('^0+(%d)', '%1')
end

-- sign: '' where the escrow's record is written, '-' where another takes its place.
local function countEscrow(tag, id, text, sign)
  local record = cjson.decode(text)
  if not isCounted[record.result] then return end
  local incident, sum = tag .. ':incident:' .. id, units(record.amount)
  if sum == '0' then return end
  -- Its sums are not known from then on, and whoever shows them adds up the escrows instead (redis/incident-summaries.ts).
  if not add(incident, 'money ' .. record.result, sign .. sum) then redis.call('HSET', incident, 'money unsure', '1') end
  measure(tag, 'money ' .. record.result, sign .. sum)
  if redis.call('HEXISTS', incident, 'closedAt') == 1 then measure(tag, 'closed ' .. record.result, sign .. sum) end
end

-- Called once, in the act that writes closedAt.
local function countClosed(tag, id)
  for _, result in ipairs(results) do
    local sum = redis.call('HGET', tag .. ':incident:' .. id, 'money ' .. result)
    if sum then measure(tag, 'closed ' .. result, sum) end
  end
end
