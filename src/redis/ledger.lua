-- What every script that records something about an incident begins with (connection.ts puts it there): the timeline for
-- people, and the ledger, which shows later whether somebody changed what stands in it (F5, G16).
-- `ledger`: list of lines. A line is canonical JSON (RFC 8785) of {at, detail, phase, seq, what}, seq from 1; a call has no phase.
-- It is appended in the very act that it is about, by Redis alone, so no two writers ever disagree about what came before. Its
-- hash follows within seconds (redis/ledgers.ts): SHA-256 in here holds everybody up, and before a signature it proves nothing.
-- What fails again and again is counted, not repeated: repeats.lua.
-- `ledger:texts`: hash of the texts that were too long for a line, by their digest. `unsigned`: when a checkpoint is due.
-- Details come in canonical JSON; what a script says itself it writes with its names in order and `quote`.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

-- G16: nothing is without a signature for a minute. The ticker looks every second.
local SIGNED_WITHIN = 50000

-- A JSON string as RFC 8785 writes it: cjson also escapes the slash and DEL.
local short = { ['"'] = '\\"', ['\\'] = '\\\\', ['\b'] = '\\b', ['\f'] = '\\f', ['\n'] = '\\n', ['\r'] = '\\r', ['\t'] = '\\t' }
local function quote(text)
  return '"' .. text:gsub('[%z\1-\31"\\]', function(c) return short[c] or string.format('\\u%04x', c:byte()) end) .. '"'
end

local function line(phase, what, detail, seq)
  return '{"at":' .. string.format('%d', now) .. ',"detail":' .. detail .. (phase and ',"phase":' .. quote(phase) or '') .. seq .. ',"what":' .. quote(what) .. '}'
end

-- For the ledger alone. phase: nil for a call to the gateway or to the agents' platform.
local function chain(tag, id, phase, what, detail)
  local ledger = tag .. ':incident:' .. id .. ':ledger'
  redis.call('RPUSH', ledger, line(phase, what, detail, ',"seq":' .. redis.call('LLEN', ledger) + 1))
  redis.call('ZADD', tag .. ':unsigned', 'NX', now + SIGNED_WITHIN, id)
end

-- The text of which the ledger keeps only the digest (incident/ledger.ts), so that an export can bring it along. Answers kept.
local function attach(tag, id, text, kept)
  local digest = text ~= kept and string.match(kept, '^{"bytes":%d+,"sha256":"(%x+)"}$')
  if digest then redis.call('HSET', tag .. ':incident:' .. id .. ':ledger:texts', digest, text) end
  return kept
end

-- What an incident has come to is worth a signature of its own, at the ticker's next look.
local isWorthOne = { contained = true, resolved = true, ['stood-down'] = true }

-- Who watches is told of it by `changed` (redis/changes.lua).
-- kept: what the ledger keeps of a detail that is long; left out: all of it.
local function record(tag, id, phase, what, detail, kept)
  redis.call('RPUSH', tag .. ':incident:' .. id .. ':timeline', line(phase, what, detail, ''))
  chain(tag, id, phase, what, kept and attach(tag, id, detail, kept) or detail)
  redis.call('ZADD', tag .. ':changed', now, id)
  if isWorthOne[what] then
    redis.call('ZADD', tag .. ':unsigned', now, id)
    redis.call('ZREMRANGEBYSCORE', tag .. ':changed', '-inf', now - 3600000)
  end
end
