-- Adds one piece of news about an agent's money, once, and answers what the rules look at.
-- KEYS 1 partition tag
-- ARGV 1 agent id · 2 'opened', 'ended' (of an escrow) or 'outflow' · 3 event id · 4 event time, base 36, 8 digits · 5 the same, ms
--      6 escrow id, escaped; or 8 characters that stand for a transaction · 7 escrow id as it is · 8 payee, escaped, or '-'
--      9 amount, decimal string, or '-' · 10 the same in 1e-8 units · 11 how an escrow ended · 12 near ms
--      13, 14 from and until when lines are answered, base 36 · 15 most escrows · 16 most outflows · 17 most minutes
-- Reply {escrow lines, outflow lines, principal by minute, outflow by minute, each one text; epoch, open incident or '', caps seen
--        at or '', dry runs ended, afresh count, last minute before it was last raised, or '-1'}
-- Escrow line: "<latest time> <escrow> <payee> <amount> <afresh count> <opened at> <event> <afresh count> <ended at> <event> <state> <1: ours>"
-- Outflow line: "<time> <event> <amount> <payee>". Times in base 36 with 8 digits sort as text. '-' stands for what is not known.
-- Logic that must be one act with the store, and no rule: which escrow the news is about, whether it is news, what is forgotten.
local tag, id, at36, event = KEYS[1], ARGV[6], ARGV[4], ARGV[3]
local at, near = tonumber(ARGV[5]), tonumber(ARGV[12])
local agentKey = tag .. ':agent:' .. ARGV[1]
local window, outflow = tag .. ':window:' .. ARGV[1], tag .. ':outflow:' .. ARGV[1]
local principal = tag .. ':principal:' .. ARGV[1]
local agent = redis.call('HMGET', agentKey, 'epoch', 'incident', 'capsAt', 'observedEnded', 'afresh', 'afreshSeen', 'afreshMinute', 'lastIncident')
local afresh, afreshMinute = agent[5] or '0', agent[7] or '-1'

-- An incident of the agent ended since we last looked: what was known until then is not held against it again.
if afresh ~= (agent[6] or '0') then
  for _, minutes in ipairs({ redis.call('HKEYS', principal), redis.call('HKEYS', outflow) }) do
    for _, minute in ipairs(minutes) do afreshMinute = tostring(math.max(tonumber(afreshMinute), tonumber(minute))) end
  end
  redis.call('HSET', agentKey, 'afreshSeen', afresh, 'afreshMinute', afreshMinute)
end

-- More than 64 bits hold, alone or together, is kept as the most they hold: an error here would leave the event judged by nobody.
local function addMinute(key)
  local minute = string.format('%d', math.floor(at / 60000))
  if type(redis.pcall('HINCRBY', key, minute, ARGV[10])) == 'table' then redis.call('HSET', key, minute, '9223372036854775807') end
  if redis.call('HLEN', key) <= tonumber(ARGV[17]) then return end
  local oldest
  for _, minute in ipairs(redis.call('HKEYS', key)) do
    if not oldest or tonumber(minute) < tonumber(oldest) then oldest = minute end
  end
  redis.call('HDEL', key, oldest)
end

-- Containment's own cancels say nothing about the agent (D6): a real incident is open, or its last one took this escrow back.
local function isOurs()
  if ARGV[11] ~= 'refunded' then return '0' end
  if agent[2] and redis.call('HGET', tag .. ':incident:' .. agent[2], 'dryRun') ~= '1' then return '1' end
  local record = agent[8] and redis.call('HGET', tag .. ':incident:' .. agent[8] .. ':escrows', ARGV[7])
  return record and string.find(record, '"result":"recovered"', 1, true) and '1' or '0'
end

-- Puts the news into a line of this escrow. False: the line is another escrow's, since ids restart when a gateway's database is restored.
local function joins(line)
  local openedAt, endedAt = tonumber(line[6], 36), tonumber(line[9], 36)
  if ARGV[2] == 'opened' then
    if openedAt then return math.abs(at - openedAt) <= near end
    if at > endedAt + near then return false end
    line[3], line[4], line[5], line[6], line[7] = ARGV[8], ARGV[9], afresh, at36, event
    addMinute(principal)
    return true
  end
  if endedAt and math.abs(at - endedAt) > 3600000 then return false end
  if not endedAt and openedAt > at + near then return false end
  if line[3] == '-' then line[3] = ARGV[8] end
  if line[4] == '-' then line[4] = ARGV[9] end
  if not endedAt or at36 .. event < line[9] .. line[10] then line[9], line[10], line[11] = at36, event, ARGV[11] end
  if not endedAt then line[8] = afresh end
  if line[12] ~= '1' then line[12] = isOurs() end
  return true
end

local function split(text)
  local words = {}
  for word in string.gmatch(text, '%S+') do words[#words + 1] = word end
  return words
end

local function observeEscrow(lines)
  local wanted, oldest = ' ' .. id .. ' ', 1
  for index, text in ipairs(lines) do
    if text < lines[oldest] then oldest = index end
    if string.sub(text, 9, 8 + #wanted) == wanted then
      local line = split(text)
      if joins(line) then
        if line[6] ~= '-' then line[1] = line[6] end
        if line[9] ~= '-' and (line[6] == '-' or line[9] > line[6]) then line[1] = line[9] end
        local joined = table.concat(line, ' ')
        if joined ~= text then redis.call('LSET', window, index - 1, joined) end
        lines[index] = joined
        return
      end
    end
  end
  -- A full window has forgotten who is older than its oldest: told of again, such an escrow must not count again.
  local isFull = #lines >= tonumber(ARGV[15])
  if isFull and at36 <= string.sub(lines[oldest], 1, 8) then return end
  local first = at36 .. wanted .. ARGV[8] .. ' ' .. ARGV[9]
  if ARGV[2] == 'opened' then
    addMinute(principal)
    lines[#lines + 1] = first .. ' ' .. afresh .. ' ' .. at36 .. ' ' .. event .. ' - - - - 0'
  else
    lines[#lines + 1] = first .. ' - - - ' .. afresh .. ' ' .. at36 .. ' ' .. event .. ' ' .. ARGV[11] .. ' ' .. isOurs()
  end
  redis.call('RPUSH', window, lines[#lines])
  if isFull then redis.call('LREM', window, 1, table.remove(lines, oldest)) end
end

-- The last transactions, 8 characters each, in one string: what comes twice comes soon, and the inbox knows it for days.
local function isKnown()
  local known = redis.call('GET', outflow .. ':seen') or ''
  local from = string.find(known, id, 1, true)
  while from and from % 8 ~= 1 do from = string.find(known, id, from + 1, true) end
  if from then return true end
  if #known >= 1024 then redis.call('SET', outflow .. ':seen', string.sub(known, -504) .. id)
  else redis.call('APPEND', outflow .. ':seen', id) end
  redis.call('PEXPIRE', outflow .. ':seen', 604800000)
  return false
end

local function observeOutflow(rows)
  if isKnown() then return end
  addMinute(outflow)
  rows[#rows + 1] = at36 .. ' ' .. event .. ' ' .. ARGV[9] .. ' ' .. ARGV[8]
  redis.call('RPUSH', outflow .. ':rows', rows[#rows])
  if #rows <= tonumber(ARGV[16]) then return end
  local oldest = 1
  for index, row in ipairs(rows) do if row < rows[oldest] then oldest = index end end
  redis.call('LREM', outflow .. ':rows', 1, table.remove(rows, oldest))
end

local function within(lines)
  local found = {}
  for _, line in ipairs(lines) do
    local time = string.sub(line, 1, 8)
    if time >= ARGV[13] and time <= ARGV[14] then found[#found + 1] = line end
  end
  return table.concat(found, '\n')
end

local lines = redis.call('LRANGE', window, 0, -1)
local rows = redis.call('LRANGE', outflow .. ':rows', 0, -1)
if ARGV[2] == 'outflow' then observeOutflow(rows) else observeEscrow(lines) end
redis.call('PEXPIRE', window, 3600000)
redis.call('PEXPIRE', outflow .. ':rows', 3600000)
redis.call('PEXPIRE', principal, 604800000)
redis.call('PEXPIRE', outflow, 604800000)
return { within(lines), within(rows), table.concat(redis.call('HGETALL', principal), ' '), table.concat(redis.call('HGETALL', outflow), ' '),
  agent[1] or '0', agent[2] or '', agent[3] or '', agent[4] or '0', afresh, afreshMinute }
