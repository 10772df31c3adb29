-- A person says yes or no to what waits: to all of these questions, or to none where one was answered otherwise (P4).
-- KEYS 1 fleet tag
-- ARGV 1 'yes' or 'no' · 2 who · 3 how long nobody may say otherwise, unless it is settled before, ms
--      4... a question's id and when it was asked, ms, in turns
-- Reply {} claimed; {id, said, who} of the first that is not to be answered any more, '' where nobody remembers by whom
-- The same answer given again goes through: whoever gave it may have died before it was settled, and doing it repeats nothing.
local answers = {}
for i = 4, #ARGV, 2 do
  local asked = redis.call('HGET', KEYS[1] .. ':approvals', ARGV[i])
  local isWaiting = asked and cjson.decode(asked).askedAt == tonumber(ARGV[i + 1])
  local key = KEYS[1] .. ':approval-answer:' .. ARGV[i]
  local answer = redis.call('HMGET', key, 'said', 'by', 'askedAt')
  -- Of the same question: it may have been asked anew under its id.
  local isAnswered = answer[3] == ARGV[i + 1]
  if not isWaiting or (isAnswered and answer[1] ~= ARGV[1]) then
    return { ARGV[i], isAnswered and answer[1] or '', isAnswered and answer[2] or '' }
  end
  if not isAnswered then answers[#answers + 1] = { key, ARGV[i + 1] } end
end
for _, answer in ipairs(answers) do
  redis.call('HSET', answer[1], 'said', ARGV[1], 'by', ARGV[2], 'askedAt', answer[2])
  redis.call('PEXPIRE', answer[1], ARGV[3])
end
return {}
