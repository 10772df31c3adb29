-- The gates before it have passed: lifts the hold of a contained incident and raises the epoch, under which alone its rungs may be
-- taken (R1, R3). As in a stand-down, what the windows know by now is answered.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 the change it was decided by · 3 recovery JSON, with the epoch that the agent has after this
--      4 that epoch · 5 what · 6 detail JSON · 7 what the ledger keeps of the detail
--      8 how many signals had joined when it was decided · 9 how often the agent had been warned of, which is what the recovery begins with
--      10 the snapshot that the caps said were decided by (snapshot.lua) · 11 daily, or '' where none are to be kept · 12 monthly
-- Reply 1 begun, 0 not: changed by somebody else, not contained, being stood down, the agent's epoch is another, or something joined
-- or warned of it meanwhile, or the snapshot is another by now. What joined may be contained again by now: the gates were not looked at for that.
local tag = KEYS[1]
local incident = tag .. ':incident:' .. ARGV[1]
local known = redis.call('HMGET', incident, 'status', 'recovery', 'standDownBy', 'agentId')
if known[1] ~= 'contained' or not known[2] or known[3] then return 0 end
if tostring(cjson.decode(known[2]).change) ~= ARGV[2] then return 0 end
local agent = tag .. ':agent:' .. known[4]
local stands = redis.call('HMGET', agent, 'epoch', 'warned')
if tonumber(stands[1] or '0') + 1 ~= tonumber(ARGV[4]) or (stands[2] or '0') ~= ARGV[9] then return 0 end
if redis.call('HLEN', incident .. ':signals') ~= tonumber(ARGV[8]) then return 0 end
if ARGV[11] ~= '' and snapshotOf(agent) ~= ARGV[10] then return 0 end
-- A full Redis refuses the first line that needs memory and would still remove: what removes comes last.
redis.call('HINCRBY', agent, 'epoch', 1)
redis.call('HINCRBY', agent, 'afresh', 1)
setIncident(tag, ARGV[1], 'recovery', ARGV[3], 'status', 'recovering')
record(tag, ARGV[1], 'recover', ARGV[5], ARGV[6], ARGV[7])
if ARGV[11] ~= '' then chain(tag, ARGV[1], 'recover', 'caps-kept', keepSaid(agent, now, ARGV[11], ARGV[12])) end
-- A reputation that a person accepted by name: drops are measured from it now (observe-standing.lua).
local gate = (cjson.decode(ARGV[3]).gates or {})['identity-and-reputation']
if gate and gate.found.accepted then
  local standing, fell = tag .. ':standing:' .. known[4], gate.found.reputation
  local before = redis.call('HMGET', standing, 'accepted', 'against')
  -- Fallen from a score that was itself accepted: what both have to come back to is the same.
  local against = tonumber(before[1] or '') == fell.baseline and before[2] or tostring(fell.baseline)
  redis.call('HSET', standing, 'accepted', tostring(fell.score), 'acceptedAt', now, 'against', against, 'since', now)
  redis.call('PEXPIRE', standing, 400 * 86400000)
end
redis.call('ZADD', tag .. ':attention', now + 10000, ARGV[1])
-- By this the agent is polled as closely as R2 wants it (detect/watch/schedule.ts).
redis.call('ZADD', tag .. ':recovering', now + (cjson.decode(ARGV[3]).normalAfterMs or 0), known[4])
-- What it was warned of until now is what it was contained for, and makes no warning from now on critical (detect/combined.ts).
redis.call('DEL', tag .. ':verdicts:' .. known[4])
if redis.call('HGET', agent, 'incident') == ARGV[1] then redis.call('HDEL', agent, 'incident') end
redis.call('SREM', agent .. ':holds', ARGV[1])
return 1
