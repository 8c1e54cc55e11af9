# Answers the JSON-lines requests of `railjar pipe` with real Rails: one request a line on standard
# input, one answer a line on standard output.
#
#   {"op":"open", …}  ->  {"result":"ok","value":…} | {"result":"nil"} | {"result":"raise","class":…}
#   {"op":"seal", …}  ->  {"result":"ok","wire":…,"plain_b64":…}
#   {"op":"groups"}  ->  {"groups":[…]}: what random cases there are
#   {"op":"random","n":100,"seed":1,"group":"cookie"}  ->  100 lines: each an "open" request whose
#       wire Rails wrote, with what Rails answers to it (`expect`, `value`)
#
# See real_rails.rb for which Rails is asked.

require_relative "real_rails"
require_relative "random_cases"

$stdout.sync = true
server = RealRails::Server.new
while (line = $stdin.gets)
  request = begin
    JSON.parse(line, max_nesting: false)
  rescue JSON::ParserError
    {}
  end
  case request["op"]
  when "groups" then puts JSON.generate("groups" => RandomCases.groups)
  when "random"
    cases = RandomCases.new(server, request.fetch("seed", 0), request.fetch("group", "cookie"))
    cases.take(request.fetch("n")) { |kase| puts JSON.generate(kase, max_nesting: false) }
  else
    puts JSON.generate({ "id" => request["id"], **server.answer(request) }, max_nesting: false)
  end
end
