-- Each request reserves room for a file of a length of its own, all for one user. Arguments: the user's access token.
local token, thread = "", 0

function setup(each)
  each:set("thread", thread)
  thread = thread + 1
end

function init(arguments)
  token = arguments[1]
  math.randomseed(os.time() + 7919 * thread)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. token
end

function request()
  return wrk.format(nil, nil, nil, string.format('{"filename":"scan.pdf","size_bytes":%d,"content_type":"application/pdf"}', math.random(1000)))
end
