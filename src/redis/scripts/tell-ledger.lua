-- One entry in an incident's ledger that is no line of its timeline: a call that goes out, or what it came to.
-- KEYS 1 partition tag
-- ARGV 1 incident id · 2 what · 3 detail JSON · 4 what the ledger keeps of the detail
-- Reply 1
if ARGV[2] == 'call-answered' then
  callAnswered(KEYS[1], ARGV[1], ARGV[3], ARGV[4])
elseif ARGV[2] == 'call-sent' then
  callGoes(KEYS[1], ARGV[1], ARGV[2], cjson.decode(ARGV[3]).action, ARGV[3])
else
  chain(KEYS[1], ARGV[1], nil, ARGV[2], attach(KEYS[1], ARGV[1], ARGV[3], ARGV[4]))
end
return 1
