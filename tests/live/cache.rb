# railjar-proxy in front of nginx with examples/proxy/nginx-cache.conf in front of real Rails:
# guests are answered from the cache, members and whoever brings an unreadable cookie never, and
# nothing of theirs gets into it. The page is one that the app carelessly says is for everybody.
#
#   cargo build -p railjar-proxy && ruby tests/live/cache.rb
#
# Needs nginx, puma and Rails: the packages are in docs/deploy-test.md.

require "active_support"
require "active_support/message_encryptor"
require "active_support/key_generator"
require "tmpdir"
require_relative "deploy/browser"
require_relative "deploy/servers"
require_relative "deploy/through"
require_relative "deploy/variants"

# The shipped configuration, on the ports and in the folder of this test.
class Cache < Through::RoundRobin
  EXAMPLE = File.expand_path("../../examples/proxy/nginx-cache.conf", __dir__)

  def address
    "127.0.0.1:#{@port}"
  end

  private

  def configuration(addresses)
    places = {
      "/var/lib/nginx/rails-cache" => "cache", "127.0.0.1:4000" => address,
      "127.0.0.1:3001" => addresses.first
    }
    text = File.read(EXAMPLE)
    places.each { |from, to| text.sub!(from, to) or raise "#{EXAMPLE} has no #{from}" }
    super.sub(/^  upstream.*\n  }\n(?=})/m) { text }
  end
end

# The proxy of the deploy test with the settings that docs/proxy.md asks for.
class BeforeCache < Through::Railjar
  private

  def configuration(addresses)
    super.sub('"learned"', '"old"') + "\n[edge.headers]\ncache = \"X-Railjar-Cache\"\n"
  end
end

# A browser that sends some headers too.
class Visitor < Browser
  def initialize(port, cookies = {}, headers = {})
    super(port) {}
    @cookies.merge!(cookies)
    @headers = headers
  end

  def send_request(request)
    @headers.each { |name, value| request[name] = value }
    super
  end

  def log_in(name)
    post("/login", "authenticity_token" => get("/login").token("/login"), "name" => name)
    self
  end
end

release = Variants::ALL.fetch("story").first
folder = Dir.mktmpdir("railjar-cache")
File.chmod(0o755, folder) # nginx' workers are nobody where this runs as root
ports = Array.new(3) { TCPServer.open("127.0.0.1", 0) { |server| server.addr[1] } }
rails = Server.new(ports[0], "", folder)
cache = Cache.new(ports[1], [], folder)
proxy = BeforeCache.new(ports[2], [release], folder)
at_exit do
  [proxy, cache, rails].each(&:stop)
  failed = $! && !($!.is_a?(SystemExit) && $!.success?)
  failed ? warn("the logs are in #{folder}") : FileUtils.rm_rf(folder)
end
rails.start(release)
rails.wait_until_ready
cache.start([rails])
proxy.start([cache])

visitor = ->(*about) { Visitor.new(ports[2], *about) }

# What was seen of a page: whether the cache had it, what Rails was told, whose name it shows.
seen = lambda do |browser, path|
  page = browser.get(path)
  abort "#{path}: answered #{page.status}\n#{page.body}" unless page.status == 200
  [page["X-Cache"], page["X-Verdict"], page.body[%r{id="user">([^<]*)<}, 1]]
end

@checks = 0
def check(what, expected, actual)
  @checks += 1
  abort "#{what}:\n  expected #{expected}\n  got      #{actual}" unless expected == actual
end

# Session cookies that Rails did not set.
def sealed(release, secret: release.secret, expires_at: Time.now + 3600)
  keys = ActiveSupport::KeyGenerator.new(secret, iterations: 1000)
  key = keys.generate_key("authenticated encrypted cookie", 32)
  encryptor = ActiveSupport::MessageEncryptor.new(key, cipher: "aes-256-gcm", serializer: JSON)
  session = { "session_id" => "a" * 32, "user" => "sealed", "count" => 0 }
  cookie = encryptor.encrypt_and_sign(session, purpose: "cookie._story", expires_at: expires_at)
  { "_story" => CGI.escape(cookie), "user_credentials" => "1" }
end

guest = visitor.call
member, other = %w[ann bob].map { |name| visitor.call.log_in(name) }
forged = member.cookies["_story"].dup.tap { |cookie| cookie[9] = cookie[9] == "A" ? "B" : "A" }
unreadable = {
  "a forged cookie" => { **member.cookies, "_story" => forged },
  "an expired cookie" => sealed(release, expires_at: Time.now - 60),
  "a cookie of another secret" => sealed(release, secret: Variants::ANOTHER_SECRET),
  "nonsense" => { "_story" => "nonsense" }
}

%w[/ /careless].each do |path|
  check "#{path}: the first guest", ["MISS", "absent", nil], seen.(guest, path)
  check "#{path}: the next guest", ["HIT", "absent", nil], seen.(visitor.call, path)
  [[member, "ann"], [other, "bob"], [member, "ann"]].each do |who, name|
    check "#{path}: a member is not answered for a guest, or another",
          ["BYPASS", "signed-in", name], seen.(who, path)
  end
  check "#{path}: still the guests' page", ["HIT", "absent", nil], seen.(guest, path)
  check "#{path}: no cookie in it", nil, guest.get(path)["Set-Cookie"]
end

# Whoever comes first to a page leaves nothing of it to the next.
firsts = { "a member" => [member.cookies, "signed-in", "ann"] }
firsts.update(unreadable.transform_values { |cookies| [cookies, "unreadable", nil] })
firsts["a sealed cookie"] = [sealed(release), "signed-in", "sealed"]
firsts.each do |what, (cookies, verdict, name)|
  path = "/careless?#{CGI.escape(what)}"
  come = -> { seen.(visitor.call(cookies.dup), path) }
  check "#{what}: first", ["BYPASS", verdict, name], come.call
  check "#{what}: again", ["BYPASS", verdict, name], come.call
  check "#{what}: then a guest", ["MISS", "absent", nil], seen.(visitor.call, path)
  check "#{what}: then another", ["HIT", "absent", nil], seen.(visitor.call, path)
  check "#{what}: after these", ["BYPASS", verdict, name], come.call
end

# Nobody says for himself who he is, in any spelling that Rack takes.
%w[- _].each do |dash|
  says = lambda do |verdict, may|
    { "X#{dash}Railjar#{dash}Verdict" => verdict, "X#{dash}Railjar#{dash}Cache" => may }
  end
  check "a member who says that he is a guest", ["BYPASS", "signed-in", "ann"],
        seen.(visitor.call(member.cookies.dup, says.("guest", "cacheable")), "/careless")
  check "a guest who says that he is a member", ["HIT", "absent", nil],
        seen.(visitor.call({}, says.("signed-in", "signed-in")), "/careless")
end

# A session that may change the page is answered by the app, until nothing is left in it.
reader = visitor.call
reader.get("/login")
check "a guest with a CSRF token", ["BYPASS", "guest", nil], seen.(reader, "/careless")
form = member.get("/members").token("/logout")
check "logged out", 302, member.post("/logout", "authenticity_token" => form).status
check "a member who logged out", ["HIT", nil], seen.(member, "/careless").values_at(0, 2)
check "the other one", ["BYPASS", "signed-in", "bob"], seen.(other, "/careless")

kept = Dir[File.join(folder, "cache/**/*")].select { |file| File.file?(file) }
check "pages are kept", true, kept.any?
check "none of them shows a name", [], kept.select { |file| File.binread(file).include?('id="user"') }

puts "#{@checks} checks, all as expected"
