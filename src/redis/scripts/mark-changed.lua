-- Says to whoever watches that something has changed of which no other script tells.
-- KEYS 1 tag of a partition, or the fleet's
-- ARGV 1 topic (incident/changes.ts)
-- Reply 1
changed(KEYS[1], ARGV[1])
return 1
