# The Worker of crates/worker in Cloudflare's own runtime, before real Rails 6.1 and 7.2.
#
#   RAILS_LIB=$(tests/live/rails72.sh) ruby tests/live/worker.rb [CHECK…]
#
# The checks are `size`, `pages`, `headers`, `parity` and `speed`; all of them unless some are said.
# Needs npm (workerd is installed from there, into the target folder), puma and Rails 6.1, and for
# wasm `rustup target add wasm32-unknown-unknown`.

require "cgi"
require "json"
require "tmpdir"

ROOT = File.expand_path("../..", __dir__)
TARGET = ENV.fetch("CARGO_TARGET_DIR", File.join(ROOT, "target"))
CRATE = File.join(ROOT, "crates/worker")

require_relative "checks"
require_relative "deploy/servers"
require_relative "deploy/variants"
require_relative "worker/headers"
require_relative "worker/pages"
require_relative "worker/parity"
require_relative "worker/runtime"
require_relative "worker/size"
require_relative "worker/speed"

# What all the checks stand on.
class Stage
  OLD, NEW = Variants::ALL.fetch("story")

  attr_reader :folder, :checks

  def initialize(folder)
    @folder = folder
    @checks = Checks.new(1)
    @binary = Runtime.binary(File.join(TARGET, "workerd"))
    @running = []
  end

  # The files of the Worker.
  def modules = @modules ||= build("worker")

  # The same, built with these options of cargo.
  def build(name, *options)
    built = File.join(TARGET, name)
    system(File.join(CRATE, "build.sh"), built, *options, out: :err) || abort("build.sh failed")
    %w[worker.mjs index_bg.js index_bg.wasm].map { |file| File.join(built, file) }
  end

  def runtime(name, *workers)
    keep Runtime.new(@binary, File.join(folder, name), workers).start
  end

  def rails(release)
    server = Server.new(free_port, ENV.fetch("RAILS_LIB"), folder)
    server.start(release)
    keep(server).wait_until_ready
    server
  end

  def echo
    port = free_port
    pid = spawn("node", File.join(__dir__, "worker/origin.mjs"), port.to_s)
    keep(Struct.new(:pid) { def stop = Process.kill("TERM", pid) }.new(pid))
    sleep 0.1 until open?(port)
    "127.0.0.1:#{port}"
  end

  # A railjar Worker before `origin`, which reads `format`.
  def worker(name, origin, format, browser_format: nil, modules: self.modules)
    origin_format = format ? { format: format } : {}
    settings = { origin: origin_format, edge: edge(browser_format) }
    secrets = [OLD, NEW].to_h { |release| [release.secret_variable, release.secret] }
    Worker.new(
      name: name, port: free_port, origin: origin, modules: modules,
      bindings: { "RAILJAR" => settings, **secrets }
    )
  end

  def stop = @running.reverse_each(&:stop)

  def free_port = TCPServer.open("127.0.0.1", 0) { |server| server.addr[1] }

  private

  def keep(running) = running.tap { @running << running }

  def open?(port)
    TCPSocket.new("127.0.0.1", port).close
    true
  rescue Errno::ECONNREFUSED
    false
  end

  def edge(browser_format)
    {
      browser_format: browser_format,
      session: { name: "_story" },
      cookies: [
        { name: "remember_token", kind: "signed" }, { name: "theme", kind: "encrypted" }
      ],
      signed_in: [{ session_path: ["user"] }],
      hints: [{ name: "user_credentials", attributes: "max-age=31536000" }],
      headers: { user: "X-Railjar-User", cache: "X-Railjar-Cache" },
      formats: [OLD, NEW].to_h do |release|
        secrets = { secret_key_base: { env: release.secret_variable } }
        [release.name, { **release.format, secrets: secrets }]
      end
    }.compact
  end
end

CHECKS = {
  "size" => Size, "pages" => Pages, "headers" => Headers, "parity" => Parity, "speed" => Speed
}.freeze
asked = ARGV.empty? ? CHECKS.keys : ARGV
abort "the checks are #{CHECKS.keys.join(', ')}" unless (asked - CHECKS.keys).empty?

Dir.mktmpdir do |folder|
  stage = Stage.new(folder)
  begin
    asked.each { |name| CHECKS.fetch(name).new(stage).run }
  ensure
    stage.stop
  end
  stage.checks.report
end
