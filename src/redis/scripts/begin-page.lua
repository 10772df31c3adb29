-- Decides whether a page is news, and counts it, in one act: whoever asks twice gets the same answer until it is done (N1).
-- KEYS 1 partition tag
-- ARGV 1 what it is counted with · 2 page · 3 'begin' | 'done' · 4 ms after which the same page is told again · 5 most within an hour, or ''
-- Reply {1 tell | 2 only the log | 0 told, at ms, how many within the hour}
-- Hash told:<about>: page -> '<at> <1 tell | 2 only the log> <1 counts | 0> <1 done | 0>', of the last hour
local HOUR = 3600000
-- So many are kept at most before one that only goes to the log leaves nothing: all of them are read each time, and one agent's
-- signals may be tens of thousands an hour. Whoever asks for such a page once more has it in the log once more.
local MOST_KEPT = 100
local told = KEYS[1] .. ':told:' .. ARGV[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function read(value)
  local at, answer, counts, done = string.match(value, '^(%d+) (%d) (%d) (%d)$')
  return { at = tonumber(at), answer = tonumber(answer), counts = counts == '1', isDone = done == '1' }
end
local function write(page, one)
  local value = string.format('%d %d %d %d', one.at, one.answer, one.counts and 1 or 0, one.isDone and 1 or 0)
  redis.call('HSET', told, page, value)
  redis.call('PEXPIRE', told, HOUR)
end

local inHour = 0
local all = redis.call('HGETALL', told)
for i = 1, #all, 2 do
  local one = read(all[i + 1])
  if now - one.at >= HOUR then redis.call('HDEL', told, all[i]) elseif one.counts then inHour = inHour + 1 end
end
local found = redis.call('HGET', told, ARGV[2])
local own = found and read(found)
if ARGV[3] == 'done' then
  if own then own.isDone = true; write(ARGV[2], own) end
  return { 0, own and own.at or now, inHour }
end
if own and (not own.isDone or now - own.at < tonumber(ARGV[4])) then
  return { own.isDone and 0 or own.answer, own.at, inHour }
end
-- Its own earlier turn goes on counting, under a name of its own.
if own and own.counts then write(ARGV[2] .. ' ' .. string.format('%d', own.at), own) end
local isMany = ARGV[5] ~= '' and inHour >= tonumber(ARGV[5])
local one = { at = now, answer = isMany and 2 or 1, counts = ARGV[5] ~= '' and not isMany, isDone = false }
if not isMany or own or redis.call('HLEN', told) < MOST_KEPT then write(ARGV[2], one) end
return { one.answer, now, inHour + (one.counts and 1 or 0) }
