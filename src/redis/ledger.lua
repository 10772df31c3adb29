-- What every script that records something about an incident begins with (connection.ts puts it there): the timeline for
-- people, and the ledger, a hash chain that shows later whether somebody changed what stands in it (F5, G16).
-- Ledger: list of '<hash> <line>'. line: canonical JSON (RFC 8785) of {at, detail, phase, seq, what}, seq from 1; a call has no phase.
-- hash: SHA-256 in hex of '<hash before> LF <line>', the incident's id standing for the one before the first.
-- Details come in canonical JSON; what a script says itself it writes with its names in order and `quote`.
local band, bxor, ror, rshift, tobit, tohex = bit.band, bit.bxor, bit.ror, bit.rshift, bit.tobit, bit.tohex
local K = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}

-- FIPS 180-4; Redis itself only has SHA-1. Some 70 us for 64 bytes, so details are kept short (incident/ledger.ts).
local function sha256(text)
  local size = #text
  text = text .. '\128' .. string.rep('\0', (55 - size) % 64) .. struct.pack('>I4I4', 0, size * 8)
  local h1, h2, h3, h4, h5, h6, h7, h8 =
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
  local w = {}
  for at = 1, #text, 64 do
    for i = 1, 16 do
      local a, b, c, d = string.byte(text, at + i * 4 - 4, at + i * 4 - 1)
      w[i] = tobit(((a * 256 + b) * 256 + c) * 256 + d)
    end
    for i = 17, 64 do
      local x, y = w[i - 15], w[i - 2]
      w[i] = tobit(w[i - 16] + bxor(ror(x, 7), ror(x, 18), rshift(x, 3)) + w[i - 7] + bxor(ror(y, 17), ror(y, 19), rshift(y, 10)))
    end
    local a, b, c, d, e, f, g, h = h1, h2, h3, h4, h5, h6, h7, h8
    for i = 1, 64 do
      local t1 = h + bxor(ror(e, 6), ror(e, 11), ror(e, 25)) + bxor(g, band(e, bxor(f, g))) + K[i] + w[i]
      local t2 = bxor(ror(a, 2), ror(a, 13), ror(a, 22)) + bxor(band(a, bxor(b, c)), band(b, c))
      h, g, f, e, d, c, b, a = g, f, e, tobit(d + t1), c, b, a, tobit(t1 + t2)
    end
    h1, h2, h3, h4 = tobit(h1 + a), tobit(h2 + b), tobit(h3 + c), tobit(h4 + d)
    h5, h6, h7, h8 = tobit(h5 + e), tobit(h6 + f), tobit(h7 + g), tobit(h8 + h)
  end
  return tohex(h1) .. tohex(h2) .. tohex(h3) .. tohex(h4) .. tohex(h5) .. tohex(h6) .. tohex(h7) .. tohex(h8)
end

local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

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
  local last = redis.call('LINDEX', ledger, -1)
  local entry = line(phase, what, detail, ',"seq":' .. redis.call('LLEN', ledger) + 1)
  redis.call('RPUSH', ledger, sha256((last and string.sub(last, 1, 64) or id) .. '\n' .. entry) .. ' ' .. entry)
  redis.call('ZADD', tag .. ':unsigned', 'NX', now, id)
end

-- kept: what the ledger keeps of a detail that is long; left out: all of it.
local function record(tag, id, phase, what, detail, kept)
  redis.call('RPUSH', tag .. ':incident:' .. id .. ':timeline', line(phase, what, detail, ''))
  chain(tag, id, phase, what, kept or detail)
end
