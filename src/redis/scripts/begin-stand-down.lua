-- A person called it a false alarm (C6): lift this incident's hold and raise the epoch; the caps go back only if no other hold is left.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 who · 3 reason · 4 how many signals had joined when it was decided, or '' where nobody decides by that
--      5 the snapshot that the caps said were decided by (snapshot.lua) · 6 daily, or '' where none are to be kept · 7 monthly
-- Refuses nobody and no reason with an error: it would lift the hold in the name of none.
-- Reply {'begun' | 'running' | 'over' | 'unknown' | 'changed' | 'other-caps', epoch of the release}; changed: something joined meanwhile, as an
-- order does that was answered already; 'over' also where new trouble took the place of its
-- recovery: that one's epoch must not be moved, nor the agent given back over its head; 'other-caps': the snapshot is another by now. But
-- for 'begun' nothing is changed at all, the caps said are not kept either (G10)
-- A dry run has neither hold nor epoch of its own, so there is nothing to lift and no fence to move (P5).
-- Safe to run twice: the second run answers 'running' with the same epoch.
local tag = KEYS[1]
local incident = tag .. ':incident:' .. ARGV[1]
local known = redis.call('HMGET', incident, 'status', 'agentId', 'standDownEpoch', 'dryRun')
if not known[1] then return { 'unknown', 0 } end
if known[1] == 'stood-down' or known[1] == 'resolved' then return { 'over', 0 } end
if known[3] then return { 'running', tonumber(known[3]) } end
if ARGV[2] == '' or ARGV[3] == '' then return redis.error_reply('ERR who and why must be said') end
local agent = tag .. ':agent:' .. known[2]
if known[1] == 'recovering' and redis.call('HGET', agent, 'lastIncident') ~= ARGV[1] then return { 'over', 0 } end
if ARGV[4] ~= '' and redis.call('HLEN', incident .. ':signals') ~= tonumber(ARGV[4]) then return { 'changed', 0 } end
if ARGV[6] ~= '' and snapshotOf(agent) ~= ARGV[5] then return { 'other-caps', 0 } end
-- A full Redis refuses the first line that needs memory and would still remove: what removes comes last.
local epoch = redis.call('HINCRBY', agent, 'epoch', known[4] == '1' and 0 or 1)
-- What its windows know by now was a false alarm and is not held against it (observe-money.lua).
redis.call('HINCRBY', agent, 'afresh', 1)
-- Nor is how it authenticated until now (observe-access.lua).
redis.call('HSET', agent, 'stoodDownAt', now)
redis.call('HSET', incident, 'standDownBy', ARGV[2], 'standDownReason', ARGV[3], 'standDownAt', now, 'standDownEpoch', epoch)
record(tag, ARGV[1], 'recover', 'stand-down-asked', '{"by":' .. quote(ARGV[2]) .. ',"reason":' .. quote(ARGV[3]) .. '}')
if ARGV[6] ~= '' then chain(tag, ARGV[1], 'recover', 'caps-kept', keepSaid(agent, now, ARGV[6], ARGV[7])) end
redis.call('ZADD', tag .. ':attention', now + 10000, ARGV[1])
takeOn(tag, ARGV[1], ARGV[2])
-- What it was warned of until now makes no warning that comes from now on critical (detect/combined.ts).
-- A dry run did nothing, and what is known of the agent beside it stays.
if known[4] ~= '1' then redis.call('DEL', tag .. ':verdicts:' .. known[2]) end
if redis.call('HGET', agent, 'incident') == ARGV[1] then redis.call('HDEL', agent, 'incident') end
redis.call('SREM', agent .. ':holds', ARGV[1])
if known[1] == 'recovering' then redis.call('ZREM', tag .. ':recovering', known[2]) end
return { 'begun', epoch }
