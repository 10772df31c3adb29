-- What every script has in front of it that changes what is kept of an agent's caps from before (G10).
-- In the agent's hash: snapAt, snapSource, snapDaily, snapMonthly, snapThreshold; snapRaised once a raise began to give them back.

-- As redis/caps.ts writes the snapshot that somebody decided by; '' where there is none.
local function snapshotOf(agent)
  local stands = redis.call('HMGET', agent, 'snapAt', 'snapDaily', 'snapMonthly', 'snapSource', 'snapRaised')
  if not stands[1] then return '' end
  return stands[2] .. '|' .. stands[3] .. '|' .. stands[4] .. '|' .. (stands[5] and 'raised' or '')
end

-- Caps that a person says, in the act that takes their order. Where the gateway showed the day's, only the month's is theirs: a
-- person's may be said anew by the next. Answers what the ledger keeps.
local function keepSaid(agent, at, daily, monthly)
  local known = redis.call('HMGET', agent, 'snapAt', 'snapSource', 'snapThreshold')
  local source = (not known[1] or known[2] == 'said') and 'said' or 'month-said'
  local threshold = known[1] and known[3] or '?'
  redis.call('HSET', agent, 'snapAt', known[1] or at, 'snapSource', source, 'snapDaily', daily, 'snapMonthly', monthly, 'snapThreshold', threshold)
  return '{"daily":' .. quote(daily) .. ',"monthly":' .. quote(monthly) .. ',"source":' .. quote(source) .. ',"threshold":' .. quote(threshold) .. '}'
end
