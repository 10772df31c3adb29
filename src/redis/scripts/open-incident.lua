-- Opens the agent's incident or joins the open one (G3, G9, G10): hold, epoch and snapshot change in one act.
-- KEYS 1 partition tag
-- ARGV 1 partition · 2 agent id · 3 short hash of it · 4 signal id · 5 signal JSON · 6 runbook · 7 priority · 8 policy line
--      9 received at ms · 10 how old last seen caps may be to count as known, ms · 11 look again after ms
--      12 '1' for a dry run · 13 cascade id or '' · 14 comma list of runbooks whose own steps bring this signal about, or ''
--      15 what the ledger keeps of why the signal was concluded, JSON · 16 escalation policy JSON, or '' for none
--      17 why the signal was concluded, JSON · 18 what it says (kind, severity, rule, whom it suspects), so that it is known when another says the
--      same · 19 '1' where a person asked for it
-- Reply {'opened' | 'joined' | 'known' | 'answered', incident id, epoch, 0 where it joined and asks for nothing that the incident did not
-- ask for before, else 1}; 'known' = this signal had joined before,
-- 'answered' = it had joined an incident that is over: a replay, nothing was changed (G14); or it says that caps run low which
-- a recovery keeps low: noted there, and nobody is frozen for it
-- A dry run (P5) has no hold and leaves epoch and snapshot alone: it must not stop the recovery of an earlier incident. A
-- signal that is acted on makes a real incident of an open dry run; one that is not adds no runbook to a real one; nor does
-- one that the runbooks of a real one bring about themselves.
local tag = KEYS[1]
local agent = tag .. ':agent:' .. ARGV[2]
local verdict = tag .. ':verdict:' .. ARGV[4]
local dry = ARGV[12] == '1'

-- The ledger also says about whom, why, and of an opening the fence number and the priority.
local function recordSignal(id, what, epoch, priority)
  local dryRun, policy = '"dryRun":' .. tostring(dry), ',"policy":' .. quote(ARGV[8])
  local rest = ',"runbook":' .. quote(ARGV[6]) .. ',"signal":' .. quote(ARGV[4])
  local kept = '{"agent":' .. quote(ARGV[2]) .. ',' .. dryRun .. (epoch or '') .. policy .. (priority or '') .. rest .. ',"why":' .. attach(tag, id, ARGV[17], ARGV[15]) .. '}'
  record(tag, id, 'detect', what, '{' .. dryRun .. policy .. rest .. '}', kept)
end
local function answeredBy(id)
  redis.call('HSET', verdict, 'incident', id)
  redis.call('PEXPIRE', verdict, 604800000)
end
-- What it asks for, where a signal changed it.
local function tellScope(id)
  local scope = redis.call('HMGET', tag .. ':incident:' .. id, 'epoch', 'priority', 'runbooks', 'status')
  chain(tag, id, 'detect', 'scope', '{"epoch":' .. scope[1] .. ',"priority":' .. quote(scope[2]) .. ',"runbooks":' .. quote(scope[3]) .. ',"status":' .. quote(scope[4]) .. '}')
end
-- So many that say the same are kept whole; further ones are counted, and each time that there are twice as many a line tells how many.
local KEPT_ALIKE = 100
-- How many have said this, with this one.
local function timesSaid(id) return redis.call('HINCRBY', tag .. ':incident:' .. id .. ':said', ARGV[18], 1) end
local function tellCount(id, times)
  local told = KEPT_ALIKE + 1
  while told < times do told = told * 2 end
  if told == times then
    record(tag, id, 'detect', 'signals-counted', '{"said":' .. quote(ARGV[18]) .. ',"times":' .. string.format('%d', times) .. '}')
  end
end
-- From here on nobody raises this agent's cap, and what was seen of its caps before is kept.
local keptCaps
local function hold(id)
  if redis.call('SCARD', agent .. ':holds') == 0 and redis.call('HEXISTS', agent, 'snapAt') == 0 then
    local caps = redis.call('HMGET', agent, 'capsAt', 'capDaily', 'capMonthly', 'capThreshold')
    if caps[1] and now - caps[1] <= tonumber(ARGV[10]) then
      redis.call('HSET', agent, 'snapAt', now, 'snapSource', 'last-seen', 'snapDaily', caps[2], 'snapMonthly', caps[3], 'snapThreshold', caps[4])
      keptCaps = '{"daily":' .. quote(caps[2]) .. ',"monthly":' .. quote(caps[3]) .. ',"source":"last-seen","threshold":' .. quote(caps[4]) .. '}'
    end
  end
  redis.call('SADD', agent .. ':holds', id)
  -- A recovery that it takes the place of keeps the caps low: what this one halves is below that.
  local last = redis.call('HGET', agent, 'lastIncident')
  if last and last ~= id and redis.call('HGET', tag .. ':incident:' .. last, 'status') == 'recovering' then
    redis.call('HSET', tag .. ':incident:' .. id, 'supersedes', last)
  end
  -- By this one its windows know which cancels were ours (observe-money.lua).
  redis.call('HSET', agent, 'lastIncident', id)
  return redis.call('HINCRBY', agent, 'epoch', 1)
end

local open = redis.call('HGET', agent, 'incident')
local before = redis.call('HGET', verdict, 'incident')
if before and before ~= open then return { 'answered', before, redis.call('HGET', agent, 'epoch') or '0' } end

if open then
  local incident = tag .. ':incident:' .. open
  local stands = redis.call('HMGET', incident, 'epoch', 'dryRun', 'runbooks', 'priority', 'status')
  local isReal = stands[2] ~= '1'
  local awakes = not isReal and not dry
  local isOurDoing = isReal and ARGV[14] ~= ''
  for runbook in string.gmatch(stands[3], '[^,]+') do
    isOurDoing = isOurDoing and string.find(',' .. ARGV[14] .. ',', ',' .. runbook .. ',', 1, true) ~= nil
  end
  local isKnown = before == open or redis.call('HEXISTS', incident .. ':signals', ARGV[4]) == 1
  if isKnown and not awakes then return { 'known', open, stands[1], 1 } end
  local times = timesSaid(open)
  local asksMore = awakes or ARGV[7] < stands[4] or not string.find(',' .. stands[3] .. ',', ',' .. ARGV[6] .. ',', 1, true)
  -- Of what joins while a recovery is asked for each is told: it is refused by that.
  local isCounted = times > KEPT_ALIKE and not asksMore and ARGV[19] ~= '1' and redis.call('HEXISTS', incident, 'recovery') == 0
  if isCounted then
    tellCount(open, times)
  else
    redis.call('HSETNX', incident .. ':signals', ARGV[4], ARGV[5])
    recordSignal(open, isOurDoing and 'signal-is-our-doing' or 'signal-joined')
  end
  redis.call('HSET', incident, 'joinedAt', now)
  if not isKnown then redis.call('HINCRBY', incident, 'signalCount', 1) end
  answeredBy(open)
  -- What says the same as one before it is no news to a containment that holds.
  local isNews = times == 1 and not isOurDoing or ARGV[19] == '1'
  if awakes then
    isNews = true
    -- What was only watched until now is acted on from this signal on: every clock counts from its arrival, or from now where it
    -- had arrived before and only now may be acted on.
    local observedFrom = redis.call('HGET', incident, 'receivedAt')
    setIncident(tag, open, 'dryRun', '0', 'epoch', hold(open), 'runbook', ARGV[6], 'runbooks', ARGV[6], 'priority', ARGV[7], 'decidedBy', ARGV[8], 'status', 'containing',
      'observedFrom', observedFrom, 'receivedAt', isKnown and now or ARGV[9])
    record(tag, open, 'contain', 'dry-run-ended', '{"observedFrom":' .. observedFrom .. '}')
    beginEscalation(tag, open, ARGV[16], ARGV[7])
  elseif not (isReal and dry) and not isOurDoing then
    if not string.find(',' .. stands[3] .. ',', ',' .. ARGV[6] .. ',', 1, true) then
      isNews = true
      redis.call('HSET', incident, 'runbooks', stands[3] .. ',' .. ARGV[6])
    end
    if ARGV[7] < stands[4] then
      isNews = true
      setIncident(tag, open, 'priority', ARGV[7], 'runbook', ARGV[6], 'decidedBy', ARGV[8])
      escalateAs(tag, open, ARGV[7])
    end
    if isNews and stands[5] == 'contained' then setIncident(tag, open, 'status', 'containing') end
  end
  if ARGV[13] ~= '' then redis.call('HSETNX', incident, 'cascadeId', ARGV[13]) end
  if isNews then tellScope(open) end
  if keptCaps then chain(tag, open, 'contain', 'caps-kept', keptCaps) end
  -- What is no news has no job of its own: whoever looks at incidents that are due looks once for all that joined until then.
  redis.call('ZADD', tag .. ':attention', isNews and now + ARGV[11] or now, open)
  return { 'joined', open, redis.call('HGET', incident, 'epoch'), isNews and 1 or 0 }
end

local last = ARGV[14] ~= '' and redis.call('HGET', agent, 'lastIncident')
if last and keepsCapsLow(tag, last) then
  redis.call('HSET', tag .. ':incident:' .. last .. ':signals', ARGV[4], ARGV[5])
  recordSignal(last, 'signal-is-our-doing')
  answeredBy(last)
  return { 'answered', last, redis.call('HGET', agent, 'epoch') }
end

local id, epoch
if dry then
  epoch = redis.call('HGET', agent, 'epoch') or '0'
  id = 'inc-' .. ARGV[1] .. '-' .. ARGV[3] .. '-dry' .. redis.call('HINCRBY', agent, 'observed', 1)
else
  id = 'inc-' .. ARGV[1] .. '-' .. ARGV[3] .. '-' .. (redis.call('HGET', agent, 'epoch') or 0) + 1
  epoch = hold(id)
end
local incident = tag .. ':incident:' .. id
setIncident(tag, id, 'id', id, 'agentId', ARGV[2], 'status', 'detected', 'priority', ARGV[7], 'runbook', ARGV[6],
  'runbooks', ARGV[6], 'dryRun', ARGV[12], 'epoch', epoch, 'receivedAt', ARGV[9], 'openedAt', now, 'joinedAt', now, 'signalCount', 1,
  'decidedBy', ARGV[8], 'reassertions', 0)
if ARGV[13] ~= '' then redis.call('HSET', incident, 'cascadeId', ARGV[13]) end
redis.call('HSET', incident .. ':signals', ARGV[4], ARGV[5])
timesSaid(id)
answeredBy(id)
recordSignal(id, 'incident-opened', ',"epoch":' .. epoch, ',"priority":' .. quote(ARGV[7]))
if keptCaps then chain(tag, id, 'contain', 'caps-kept', keptCaps) end
redis.call('HSET', agent, 'incident', id)
if not dry then beginEscalation(tag, id, ARGV[16], ARGV[7]) end
redis.call('ZADD', tag .. ':incidents', now, id)
redis.call('SADD', tag .. ':had-incident', ARGV[2])
redis.call('ZADD', tag .. ':attention', now + ARGV[11], id)
return { 'opened', id, epoch, 1 }
