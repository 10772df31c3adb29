-- What scripts that record calls and failures have in front of them, after ledger.lua: a gateway that is away for a night must not
-- fill Redis with the same line (G16). The first three failures of a kind stand in full; further ones are counted, and told by a line
-- 'failed-again' of how many there were, from when to when, and what the last one said: before anything else comes of it, before
-- the incident changes its status, and otherwise every ten minutes (what people read) or every hour (calls).
-- `ledger:runs`: hash of what has been failing, by what it is · until it succeeds, or the incident comes to something
local IN_FULL = 3
-- What fails in more ways than this is of one more kind, so that no text somebody else chooses gets around the limit.
local MOST_KINDS = 20
local NOTES_EVERY, CALLS_EVERY = 600000, 3600000
local fails = { ['step-failed'] = true, ['freeze-unconfirmed'] = true, ['caps-unread'] = true, ['wallet-not-frozen'] = true }

local function runsOf(tag, id) return tag .. ':incident:' .. id .. ':ledger:runs' end

-- kinds: how often each was seen; open: sent without an answer since the last one; sent, failed, answers: what no line tells of yet.
local function runOf(tag, id, subject)
  local text = redis.call('HGET', runsOf(tag, id), subject)
  if text then return cjson.decode(text) end
  return { kinds = {}, many = 0, isOn = false, open = 0, sent = 0, failed = 0, answers = {} }
end

local function keepRun(tag, id, subject, run) redis.call('HSET', runsOf(tag, id), subject, cjson.encode(run)) end

-- As RFC 8785 orders names; Lua's own order is the locale's.
local function comesFirst(a, b)
  for i = 1, math.min(#a, #b) do
    if a:byte(i) ~= b:byte(i) then return a:byte(i) < b:byte(i) end
  end
  return #a < #b
end

local function tallied(answers)
  local labels, parts = {}, {}
  for label in pairs(answers) do labels[#labels + 1] = label end
  table.sort(labels, comesFirst)
  for _, label in ipairs(labels) do parts[#parts + 1] = quote(label) .. ':' .. string.format('%d', answers[label]) end
  return '{' .. table.concat(parts, ',') .. '}'
end

local function tellRun(tag, id, run)
  if run.sent + run.failed == 0 then return end
  local function detail(last)
    return '{"answers":' .. tallied(run.answers) .. ',"firstAt":' .. string.format('%d', run.first) .. ',"last":' .. (last or 'null')
      .. ',"lastAt":' .. string.format('%d', run.last) .. ',"of":' .. quote(run.of)
      .. (run.phase and '' or ',"sent":' .. string.format('%d', run.sent)) .. ',"subject":' .. quote(run.name) .. '}'
  end
  if run.detail then attach(tag, id, run.detail, run.kept) end
  if run.phase then record(tag, id, run.phase, 'failed-again', detail(run.detail), detail(run.kept))
  else chain(tag, id, nil, 'failed-again', detail(run.kept)) end
  run.sent, run.failed, run.answers, run.first, run.detail, run.kept = 0, 0, {}, nil, nil, nil
end

local function countOne(tag, id, run)
  run.first, run.last = run.first or now, now
  if now - run.first >= (run.phase and NOTES_EVERY or CALLS_EVERY) then tellRun(tag, id, run) end
end

-- label: what kind of failure, in few letters of ASCII; text: what makes it another one than the last. write: the line in full.
local function failedOnce(tag, id, subject, run, label, text, detail, kept, write)
  local kind = redis.sha1hex(label .. ' ' .. text:gsub('%d+', '#'))
  if not run.kinds[kind] and run.many >= MOST_KINDS then kind = 'other' end
  if not run.kinds[kind] then run.kinds[kind], run.many = 0, run.many + 1 end
  run.kinds[kind] = run.kinds[kind] + 1
  run.open, run.isOn = 0, run.kinds[kind] >= IN_FULL
  if run.kinds[kind] <= IN_FULL then
    tellRun(tag, id, run)
    write()
  else
    run.failed, run.answers[label], run.detail, run.kept = run.failed + 1, (run.answers[label] or 0) + 1, detail, kept
    countOne(tag, id, run)
  end
  keepRun(tag, id, subject, run)
end

local function worked(tag, id, subject)
  local run = runOf(tag, id, subject)
  tellRun(tag, id, run)
  redis.call('HDEL', runsOf(tag, id), subject)
end

-- A call goes out. what: 'call-sent' | 'call-claimed'.
local function callGoes(tag, id, what, action, detail)
  local subject = what .. ' ' .. action
  local run = runOf(tag, id, subject)
  run.name, run.of, run.open = action, what, run.open + 1
  if run.isOn or run.open > IN_FULL then
    run.sent = run.sent + 1
    countOne(tag, id, run)
  else
    chain(tag, id, nil, what, detail)
  end
  keepRun(tag, id, subject, run)
end

-- What came of it. goes: what was said as it went out; failure: its label, or nil where it succeeded.
local function callCame(tag, id, goes, what, action, detail, kept, failure, text)
  local subject = goes .. ' ' .. action
  local function write() chain(tag, id, nil, what, attach(tag, id, detail, kept)) end
  if failure then
    local run = runOf(tag, id, subject)
    run.name, run.of = action, goes
    return failedOnce(tag, id, subject, run, failure, text, detail, kept, write)
  end
  worked(tag, id, subject)
  write()
end

-- call-answered, as told-call.ts has it.
local function callAnswered(tag, id, detail, kept)
  local said = cjson.decode(detail)
  if type(said.action) ~= 'string' then return chain(tag, id, nil, 'call-answered', attach(tag, id, detail, kept)) end
  local failure = said.outcome ~= 'done' and tostring(said.outcome) .. ' ' .. tostring(said.code) or nil
  callCame(tag, id, 'call-sent', 'call-answered', said.action, detail, kept, failure, tostring(said.message))
end

-- A line of the timeline that may be one of many failures.
local function recordNote(tag, id, phase, what, detail, kept)
  if not fails[what] then return record(tag, id, phase, what, detail, kept) end
  local said = cjson.decode(detail)
  local step = type(said.step) == 'string' and said.step or ''
  local subject = what .. ' ' .. step
  local run = runOf(tag, id, subject)
  run.name, run.of, run.phase = step ~= '' and step or what, what, phase
  local function write() record(tag, id, phase, what, detail, kept) end
  local label = type(said.code) == 'string' and said.code or type(said.outcome) == 'string' and said.outcome or what
  failedOnce(tag, id, subject, run, label, tostring(said.message), detail, kept, write)
end

-- What people read is complete up to here: a step is done, or the incident comes to something. forget: count anew from now on.
local function tellRuns(tag, id, forget)
  local runs = redis.call('HGETALL', runsOf(tag, id))
  for i = 1, #runs, 2 do
    local run = cjson.decode(runs[i + 1])
    if run.sent + run.failed > 0 and (forget or run.phase) then
      tellRun(tag, id, run)
      if not forget then keepRun(tag, id, runs[i], run) end
    end
  end
  if forget then redis.call('DEL', runsOf(tag, id)) end
end
