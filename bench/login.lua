-- Each request signs in another user, so that no account's own limit is met. Arguments: how many users there are, their password.
local users, password, thread = 1, "", 0

function setup(each)
  each:set("thread", thread)
  thread = thread + 1
end

function init(arguments)
  users, password = tonumber(arguments[1]), arguments[2]
  math.randomseed(os.time() + 7919 * thread)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  local email = string.format("user%d@bench.example", math.random(users))
  return wrk.format(nil, nil, nil, string.format('{"email":"%s","password":"%s"}', email, password))
end
