-- Appends one line to an incident's timeline, and raises a counter or sets a time once where asked.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 phase · 3 what · 4 detail JSON · 5 field to stamp with now if it is empty, or '' · 6 field to count up, or ''
--      7 priority to raise to, or ''
-- Reply {now ms, value of the stamped field or '', value of the counted field or ''}
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local incident = KEYS[1] .. ':incident:' .. ARGV[1]
local stamped, counted = '', ''
if ARGV[3] ~= '' then
  redis.call('RPUSH', incident .. ':timeline', '{"at":' .. string.format('%d', now) .. ',"phase":' .. cjson.encode(ARGV[2]) .. ',"what":' .. cjson.encode(ARGV[3]) .. ',"detail":' .. ARGV[4] .. '}')
end
if ARGV[5] ~= '' then
  redis.call('HSETNX', incident, ARGV[5], now)
  stamped = redis.call('HGET', incident, ARGV[5])
  -- Of the agent too: its wallet stays frozen when this incident is over, and another one's stand-down gives it back.
  if ARGV[5] == 'walletFrozenAt' then
    redis.call('HSET', KEYS[1] .. ':agent:' .. redis.call('HGET', incident, 'agentId'), 'walletFrozenAt', now)
  end
end
if ARGV[7] ~= '' and ARGV[7] < redis.call('HGET', incident, 'priority') then redis.call('HSET', incident, 'priority', ARGV[7]) end
if ARGV[6] ~= '' then counted = redis.call('HINCRBY', incident, ARGV[6], 1) end
return { now, stamped, counted }
