-- What every script has in front of it that asks whether an agent's caps are low by our own doing (R2).
-- A recovery gives back less than there was before: half of a cap is soon used up by an agent that had spent more than that.
-- The cap itself holds it, and other rules look on. Before the first rung stands less still is there.
local function keepsCapsLow(tag, id)
  local stands = redis.call('HMGET', tag .. ':incident:' .. id, 'status', 'recovery')
  if stands[1] ~= 'recovering' or not stands[2] then return false end
  local recovery = cjson.decode(stands[2])
  local rung = recovery.rungs[(recovery.rung == cjson.null and 0 or recovery.rung) + 1]
  return rung ~= nil and rung.percent < 100
end
