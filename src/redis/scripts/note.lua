-- Appends one line to an incident's timeline, and raises a counter or sets a time once where asked.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 phase · 3 what · 4 detail JSON · 5 field to stamp with now if it is empty, or '' · 6 field to count up, or ''
--      7 priority to raise to, or '' · 8 what the ledger keeps of the detail
-- Reply {now ms, value of the stamped field or '', value of the counted field or ''}
local incident = KEYS[1] .. ':incident:' .. ARGV[1]
local stamped, counted = '', ''
if ARGV[3] ~= '' then
  recordNote(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[8])
end
if ARGV[5] ~= '' then
  if redis.call('HSETNX', incident, ARGV[5], now) == 1 then
    chain(KEYS[1], ARGV[1], ARGV[2], 'time-set', '{"time":' .. quote(ARGV[5]) .. '}')
    if ARGV[5] == 'effectiveAt' then observe(KEYS[1], 'freeze', nil, now - arrivedAt(KEYS[1], ARGV[1])) end
  end
  stamped = redis.call('HGET', incident, ARGV[5])
  -- Of the agent too: its wallet stays frozen when this incident is over, and another one's stand-down gives it back.
  if ARGV[5] == 'walletFrozenAt' then
    redis.call('HSET', KEYS[1] .. ':agent:' .. redis.call('HGET', incident, 'agentId'), 'walletFrozenAt', now)
  end
end
if ARGV[7] ~= '' and ARGV[7] < redis.call('HGET', incident, 'priority') then
  setIncident(KEYS[1], ARGV[1], 'priority', ARGV[7])
  chain(KEYS[1], ARGV[1], ARGV[2], 'priority-raised', '{"priority":' .. quote(ARGV[7]) .. '}')
  escalateAs(KEYS[1], ARGV[1], ARGV[7])
end
if ARGV[6] ~= '' then counted = redis.call('HINCRBY', incident, ARGV[6], 1) end
return { now, stamped, counted }
