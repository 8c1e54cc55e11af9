# The axum app of crates/axum/examples/beside-rails beside real Rails, with a browser's cookies:
# what one writes, the other shows.
#
#   cargo build -p railjar-axum --example beside-rails && ruby tests/live/axum.rb [SERIALIZER]
#
# The installed Rails is used, or the one whose `lib` folders are in RAILS_LIB (joined by ":").
# SERIALIZER is the app's cookies_serializer, "json" unless it is said.

require "json"
require "net/http"
require "securerandom"
require "socket"
require "tempfile"

ROOT = File.expand_path("../..", __dir__)
TARGET = ENV.fetch("CARGO_TARGET_DIR", File.join(ROOT, "target"))
FOLDER = File.join(ROOT, "crates/axum/examples/beside-rails")
SERIALIZER = ARGV[0] || "json"
# Puma has loaded its own Rack by the time Rails comes, and 7.2 takes that one too.
libs = ENV["RAILS_LIB"].to_s.split(":").grep_v(%r{/rack(-session)?-\d})
ENV["RUBYLIB"] = [*libs, *ENV["RUBYLIB"]].join(":")
VERSION = `ruby -e 'require "logger"; require "rails/version"; print Rails.version[/\\d+\\.\\d+/]'`
abort "no Rails: install ruby-railties, or set RAILS_LIB" if VERSION.empty?

# A browser, as far as cookies go: those of one host, whatever the port.
class Browser
  attr_reader :cookies

  def initialize(cookies = {})
    @cookies = cookies
  end

  def get(url) = send_request(Net::HTTP::Get.new(URI(url)))

  def post(url, fields = {}, headers = {})
    request = Net::HTTP::Post.new(URI(url), headers)
    fields.is_a?(String) ? request.body = fields : request.set_form_data(fields)
    send_request(request)
  end

  # Follows redirects, as GET.
  def follow(answer)
    5.times do
      return answer unless answer.is_a?(Net::HTTPRedirection)
      answer = get(URI.join(answer.uri || answer["x-asked"], answer["location"]).to_s)
    end
    abort "redirected in a circle"
  end

  private

  def send_request(request)
    request["Cookie"] = @cookies.map { |pair| pair.join("=") }.join("; ") unless @cookies.empty?
    answer = Net::HTTP.start(request.uri.host, request.uri.port) { |http| http.request(request) }
    answer["x-asked"] = request.uri.to_s
    answer.get_fields("set-cookie").to_a.each do |header|
      name, value = header[/\A[^;]*/].split("=", 2)
      header.match?(/max-age=0|expires=[^;]* 1970/i) ? @cookies.delete(name) : @cookies[name] = value
    end
    answer
  end
end

def free_port = TCPServer.open("127.0.0.1", 0) { |server| server.addr[1] }

def wait_for(port)
  200.times do
    return TCPSocket.new("127.0.0.1", port).close
  rescue SystemCallError
    sleep 0.1
  end
  abort "nothing listens on port #{port}"
end

@checks = 0
def check(what, expected, actual)
  @checks += 1
  abort "#{what}:\n  expected #{expected.inspect}\n  got      #{actual.inspect}" unless expected === actual
end

# The token in the form with this action.
def form_token(page, action)
  form = page.body[/<form[^>]*action="#{Regexp.escape(action)}".*?<\/form>/m] or abort "no form for #{action}"
  form[/name="authenticity_token"[^>]*value="([^"]*)"/, 1] or abort "no token in #{form}"
end

log = Tempfile.new("servers") # shown when something fails
rails_port, axum_port = free_port, free_port
RAILS, AXUM = [rails_port, axum_port].map { |port| "http://127.0.0.1:#{port}" }
env = {
  "SECRET_KEY_BASE" => SecureRandom.hex(64), "RAILS_ENV" => "production", "RAILS_VERSION" => VERSION,
  "COOKIES_SERIALIZER" => SERIALIZER, "RAILS_URL" => RAILS, "AXUM_URL" => AXUM,
  "LISTEN" => "127.0.0.1:#{axum_port}"
}
servers = []
at_exit do
  servers.each { |pid| Process.kill("TERM", pid) }
  servers.each { |pid| Process.wait(pid) }
  warn File.read(log.path) if $!.is_a?(SystemExit) && !$!.success?
end
servers << spawn(env, File.join(TARGET, "debug/examples/beside-rails"), %i[out err] => [log.path, "a"])
servers << spawn(env, "puma", "--quiet", "-t", "1:4", "-b", "tcp://127.0.0.1:#{rails_port}", "config.ru",
                 chdir: FOLDER, %i[out err] => [log.path, "a"])
[rails_port, axum_port].each { |port| wait_for(port) }

# A guest, sent to sign in by axum, is signed in by Rails and comes back.
browser = Browser.new
check "axum: nobody yet", nil, JSON.parse(browser.get("#{AXUM}/axum/whoami").body)["user"]
asked = browser.get("#{AXUM}/axum/members?page=2")
check "axum: a guest is redirected", ["303", "/sign_in"], [asked.code, asked["location"]]
sign_in = browser.follow(asked)
check "Rails: shows its form", "#{RAILS}/sign_in", sign_in["x-asked"]
signed_in = browser.post("#{RAILS}/sign_in", user: 42, authenticity_token: form_token(sign_in, "/sign_in"))
check "Rails: signs in, in a session that axum began", "302", signed_in.code
check "Rails: returns to where axum was", "#{AXUM}/axum/members?page=2", signed_in["location"]
check "axum: a member", "Hello, user Some(42)", browser.follow(signed_in).body

# axum reads what Rails wrote.
seen = JSON.parse(browser.get("#{AXUM}/axum/whoami").body)
rails = JSON.parse(browser.get("#{RAILS}/whoami").body)
check "axum: who is signed in, and an encrypted cookie", [42, { "dark" => true }], seen.values_at("user", "theme")
check "axum: the session's id is kept", rails["session_id"], seen["session_id"]
check "Rails: axum's signed cookie", "axum", rails["seen"]

# The flash of Rails, shown by axum, is gone.
browser.post("#{RAILS}/comments", { text: "hello" }, "X-CSRF-Token" => seen["token"])
check "axum: shows the flash of Rails", /<p class="notice">Rails took: hello</, browser.get("#{AXUM}/axum").body
check "Rails: that flash is gone", {}, JSON.parse(browser.get("#{RAILS}/whoami").body)["flash"]

# A form of Rails, sent to axum; what axum writes, Rails shows.
page = browser.get("#{RAILS}/")
token = form_token(page, "#{AXUM}/axum/locale")
check "axum: takes the token of Rails' form", "303",
      browser.post("#{AXUM}/axum/locale", locale: "pt-BR", authenticity_token: token).code
page = browser.get("#{RAILS}/")
check "Rails: shows axum's flash", /<p class="notice">axum saved pt-BR\./, page.body
check "Rails: shows axum's key, and still who is signed in", /User 42, locale pt-BR/, page.body
check "Rails: shows the flash once", {}, JSON.parse(browser.get("#{RAILS}/whoami").body)["flash"]
check "Rails: the session's id is kept", rails["session_id"], JSON.parse(browser.get("#{RAILS}/whoami").body)["session_id"]
meta = page.body[/name="csrf-token" content="([^"]*)"/, 1]
check "axum: takes the token of Rails' meta tag", "saved",
      browser.post("#{AXUM}/axum/api/locale", "de", "X-CSRF-Token" => meta, "Content-Type" => "text/plain").body
check "Rails: shows it", "de", JSON.parse(browser.get("#{RAILS}/whoami").body)["locale"]

# A form of axum, sent to Rails, and to axum itself.
page = browser.get("#{AXUM}/axum")
token = form_token(page, "#{RAILS}/comments")
check "Rails: takes the token of axum's form", "302",
      browser.post("#{RAILS}/comments", text: "by axum", authenticity_token: token).code
check "Rails: shows the comment", /Rails took: by axum/, browser.get("#{RAILS}/").body
check "Rails: the token is for that form alone", "422",
      browser.post("#{RAILS}/sign_out", authenticity_token: token).code
check "axum: the token is for that form alone", "422",
      browser.post("#{AXUM}/axum/locale", locale: "x", authenticity_token: token).code
own = form_token(page, "/axum/locale")
check "axum: takes its own", "303", browser.post("#{AXUM}/axum/locale", locale: "fr", authenticity_token: own).code

# Tokens of another session.
other = Browser.new
theirs = form_token(other.get("#{RAILS}/"), "#{AXUM}/axum/locale")
check "axum: refuses another session's", "422",
      browser.post("#{AXUM}/axum/locale", locale: "x", authenticity_token: theirs).code
theirs = JSON.parse(other.get("#{AXUM}/axum/whoami").body)["token"]
check "Rails: refuses another session's", "422",
      browser.post("#{RAILS}/comments", { text: "x" }, "X-CSRF-Token" => theirs).code
check "axum: refuses another origin", "422",
      browser.post("#{AXUM}/axum/locale", { locale: "x", authenticity_token: own }, "Origin" => "http://evil.test").code
check "axum: refuses no token", "422", browser.post("#{AXUM}/axum/locale", locale: "x").code

# What cannot be read is neither a guest's nor a user's, and is left alone.
broken = Browser.new({ "_beside_session" => browser.cookies["_beside_session"].sub(/\A...../, "AAAAA") })
%w[/axum /axum/whoami /axum/members].each do |path|
  answer = broken.get("#{AXUM}#{path}")
  check "axum: an unreadable session at #{path}", ["400", nil], [answer.code, answer["set-cookie"]]
end

puts "Rails #{VERSION} with #{SERIALIZER}: #{@checks} checks, all as expected"
