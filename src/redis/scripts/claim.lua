-- Claims one action (G7, G12): never two of our requests for it in flight, a finished one is never sent again.
-- KEYS 1 partition tag
-- ARGV 1 action key · 2 owner, unique per attempt · 3 lease ms · 4 grace ms after the lease in which a request may still land
--      5 retention ms · 6 incident id it is for, or ''
-- Reply {'go' | 'verify', fence} the caller may act; verify = somebody tried before: read the gateway first
--       {'busy', ms to wait} · {'done', result JSON}
-- Safe to run twice: the same owner gets its first answer again.
local action = KEYS[1] .. ':action:' .. ARGV[1]
local entry = redis.call('HMGET', action, 'st', 'exp', 'owner', 'mode', 'fence', 'result')
local st = entry[1]
if st == 'done' then return { 'done', entry[6] } end
if st == 'started' then
  if entry[3] == ARGV[2] then return { entry[4], tonumber(entry[5]) } end
  local free = entry[2] + ARGV[4]
  if free > now then return { 'busy', free - now } end
end
local mode = st and 'verify' or 'go'
local fence = redis.call('HINCRBY', action, 'fence', 1)
redis.call('HSET', action, 'st', 'started', 'exp', now + ARGV[3], 'owner', ARGV[2], 'mode', mode, 'incident', ARGV[6])
redis.call('PEXPIRE', action, ARGV[5])
if ARGV[6] ~= '' then
  callGoes(KEYS[1], ARGV[6], 'call-claimed', ARGV[1], '{"action":' .. quote(ARGV[1]) .. ',"attempt":' .. fence .. ',"mode":' .. quote(mode) .. '}')
end
return { mode, fence }
