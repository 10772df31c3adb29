-- What became of escrows, as one batch. What came back or is lost stays so; why, whoever cancelled it says, and not who only saw it.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 the batch as JSON · 3 what the ledger keeps of it · 4 '1' where it was only seen · 5.. escrow id, its record as
--      JSON, by turns
-- Reply how many were new
local tag, id, isOnlySeen = KEYS[1], ARGV[1], ARGV[4] == '1'
local escrows = tag .. ':incident:' .. id .. ':escrows'
local isFinal = { recovered = true, lost = true }

local function isNews(before, text)
  local was, is = before and cjson.decode(before).result, cjson.decode(text).result
  return not isFinal[was] or (isFinal[is] and not (isOnlySeen and is == was)) or false
end

local news = {}
for i = 5, #ARGV, 2 do
  local before = redis.call('HGET', escrows, ARGV[i])
  if isNews(before, ARGV[i + 1]) then news[#news + 1] = { ARGV[i], ARGV[i + 1], before } end
end
if #news == 0 then return 0 end
chain(tag, id, 'contain', 'escrows-recorded', '{"escrows":' .. attach(tag, id, ARGV[2], ARGV[3]) .. '}')
local new = 0
for _, one in ipairs(news) do
  if one[3] then countEscrow(tag, id, one[3], '-') end
  countEscrow(tag, id, one[2], '')
  new = new + redis.call('HSET', escrows, one[1], one[2])
end
changed(tag, id)
return new
