# What railjar-proxy costs: time and memory beside the same binary in pass_through, memory while a
# body of 1 GB streams, and with 1,000 connections that wait. docs/proxy.md has the figures.
#
#   cargo build --release -p railjar-proxy
#   RAILJAR_PROXY=target/release/railjar-proxy ruby tests/live/proxy_load.rb [SECONDS] [ROUNDS]
#
# Needs nginx, wrk and Rails: apt-get install nginx-light wrk ruby-activesupport. Fails where memory
# grows; times are shown, for machines differ.

require "active_support"
require "active_support/key_generator"
require "active_support/message_encryptor"
require "cgi"
require "tmpdir"
require_relative "deploy/through"
require_relative "deploy/variants"

SECONDS = (ARGV[0] || 4).to_i
ROUNDS = (ARGV[1] || 5).to_i
BODY = 1 << 30
MOST_FOR_A_BODY = 8 # MB
MOST_WHEN_IDLE = 40 # MB

# What is behind the proxy: nginx with one small page.
class Origin < Through::RoundRobin
  private

  def configuration(_)
    page = 'default_type text/html; keepalive_requests 1000000000; return 200 "' + "x" * 500 + '";'
    super(["127.0.0.1:1"]).sub(/^  upstream.*?\n  }\n/m, "").sub(/location .*?\n    }\n/m, "#{page}\n")
  end
end

# The proxies of the deploy test, quiet, and before a server whose format is known.
module Quiet
  # In bytes: now, and at most since `begin_peak`.
  def memory = status("VmRSS")
  def peak = status("VmHWM")
  def begin_peak = File.write("/proc/#{@pid}/clear_refs", "5")

  # Seconds of processor time.
  def cpu = File.read("/proc/#{@pid}/stat").split(") ").last.split[11, 2].sum(&:to_f) / 100

  private

  def configuration(addresses)
    super.sub('"learned"', '"old"') + "\n[log]\nrequests = false\n"
  end

  def status(name) = File.read("/proc/#{@pid}/status")[/#{name}:\s*(\d+)/, 1].to_i * 1024
end

class Edge < Through::Railjar
  prepend Quiet
end

class PassThrough < Through::PassThrough
  prepend Quiet
end

# Sends BODY bytes to whoever asks, or takes them.
def serve_bodies
  server = TCPServer.new("127.0.0.1", 0)
  Thread.new do
    loop do
      socket = server.accept
      if head(socket).start_with?("GET")
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: #{BODY}\r\n\r\n")
        send_body(socket)
      else
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") if take_body(socket) == BODY
      end
      socket.close
    end
  end
  server.addr[1]
end

def head(socket) = socket.gets("\r\n\r\n").to_s

def send_body(socket) = File.open("/dev/zero") { |zero| IO.copy_stream(zero, socket, BODY) }

def take_body(socket) = IO.copy_stream(socket, File::NULL, BODY)

# A session cookie in the format of a release.
def cookie(release)
  keys = ActiveSupport::KeyGenerator.new(release.secret, iterations: 1000)
  key = keys.generate_key("authenticated encrypted cookie", 32)
  encryptor = ActiveSupport::MessageEncryptor.new(key, cipher: "aes-256-gcm", serializer: JSON)
  session = { "session_id" => "a" * 32, "user" => "ann", "count" => 1, "_csrf_token" => "t" * 43 }
  sealed = encryptor.encrypt_and_sign(session, purpose: "cookie._story", expires_at: Time.now + 86_400)
  "_story=#{CGI.escape(sealed)}; user_credentials=1"
end

# One load: microseconds of processor per request, and the 99th percentile in milliseconds.
def measure(proxy, port, cookie)
  before = proxy.cpu
  said = IO.popen(["wrk", "-t1", "-c16", "-d#{SECONDS}s", "--latency", "-H", "Cookie: #{cookie}",
                   "http://127.0.0.1:#{port}/"], &:read)
  abort said if said.include?("Non-2xx") || !said.include?("requests in")
  number, unit = said.match(/99%\s+([\d.]+)(us|ms|s)/).captures
  [(proxy.cpu - before) * 1e6 / said[/(\d+) requests in/, 1].to_i,
   number.to_f * { "us" => 0.001, "ms" => 1, "s" => 1000 }[unit]]
end

def median(values) = values.sort[values.size / 2]

def mb(bytes) = (bytes / 1048576.0).round(1)

Process.setrlimit(:NOFILE, [4096, Process.getrlimit(:NOFILE)[1]].min)
releases = [
  Variants::ALL["story"][0],
  Variants::ALL["story"][0].dup.tap { |new| new.name, new.secret = "other", Variants::ANOTHER_SECRET }
]
Place = Struct.new(:address)
folder = Dir.mktmpdir("railjar-load")
File.chmod(0o755, folder)
front = lambda do |kind, *servers|
  port = TCPServer.open("127.0.0.1", 0) { |server| server.addr[1] }
  inside = File.join(folder, kind.name + port.to_s).tap { |path| Dir.mkdir(path) }
  one = kind.new(port, releases, inside)
  at_exit { one.stop }
  one.start(servers.map { |server| Place.new("127.0.0.1:#{server}") })
  [one, port]
end
at_exit { FileUtils.rm_rf(folder) if $!.nil? }

_, origin = front.(Origin)
pass, edge = front.(PassThrough, origin), front.(Edge, origin)
loads = {
  "pass_through" => [*pass, cookie(releases[0])],
  "edge, nothing to seal" => [*edge, cookie(releases[0])],
  "edge, every cookie sealed again" => [*edge, cookie(releases[1])]
}
found = loads.to_h { |name, _| [name, []] }
ROUNDS.times { loads.each { |name, about| found[name] << measure(*about) } }
puts "16 connections, #{ROUNDS} rounds of #{SECONDS} s: medians, and each round's ratio to pass_through"
found.each do |name, rounds|
  cpu, p99 = rounds.transpose.map { |values| median(values) }
  ratios = [0, 1].map do |which|
    all = rounds.zip(found["pass_through"]).map { |mine, its| mine[which] / its[which] }
    format("x %.2f (%.2f to %.2f)", median(all), *all.minmax)
  end
  puts format("%-32s cpu %6.1f us %s, p99 %6.2f ms %s", name, cpu, ratios[0], p99, ratios[1])
end

bodies = serve_bodies
{ "down" => "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "up" => "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: #{BODY}\r\n\r\n" }.each do |way, request|
  proxy, port = front.(Edge, bodies)
  proxy.begin_peak
  before = proxy.memory
  TCPSocket.open("127.0.0.1", port) do |socket|
    socket.write(request)
    send_body(socket) if way == "up"
    answer = head(socket)
    abort answer unless answer.start_with?("HTTP/1.1 200")
    abort "the body broke off" if way == "down" && take_body(socket) != BODY
  end
  puts "1 GB #{way}: #{mb(before)} MB before, #{mb(proxy.peak)} MB at most"
  abort "too much" if mb(proxy.peak - before) > MOST_FOR_A_BODY
end

proxy, port = front.(Edge, origin)
waiting = Array.new(1000) do
  TCPSocket.new("127.0.0.1", port).tap do |socket|
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    abort "no answer" unless head(socket).start_with?("HTTP/1.1 200")
  end
end
puts "1000 connections that wait: #{mb(proxy.memory)} MB"
abort "too much" if mb(proxy.memory) > MOST_WHEN_IDLE
waiting.each(&:close)
