# Cloudflare's runtime on this machine: workerd from npm, with Workers on loopback ports and a cache
# behind them.

require "fileutils"
require "json"
require "net/http"
require "socket"

# One Worker: what it is bound to, and where its origin is.
Worker = Struct.new(:name, :port, :origin, :modules, :bindings, keyword_init: true)

class Runtime
  COMPATIBILITY_DATE = "2026-01-01"

  # The binary, from npm unless it is there already; WORKERD names another.
  def self.binary(folder)
    return ENV["WORKERD"] if ENV["WORKERD"]

    path = File.join(folder, "node_modules/.bin/workerd")
    unless File.exist?(path)
      FileUtils.mkdir_p(folder)
      install = %w[npm install --silent --no-audit --no-fund --prefix] + [folder, "workerd@1"]
      system(*install, out: :err) || abort("npm could not install workerd")
    end
    path
  end

  def initialize(binary, folder, workers)
    @binary = binary
    @folder = folder
    @workers = workers
    @log = File.join(folder, "workerd.log")
  end

  def start
    FileUtils.mkdir_p(@folder)
    FileUtils.cp(File.join(__dir__, "cache.mjs"), @folder)
    @workers.each { |worker| copy(worker) }
    File.write(File.join(@folder, "config.capnp"), configuration)
    @started = now
    @pid = spawn(@binary, "serve", "config.capnp", chdir: @folder, out: @log, err: %i[child out])
    @workers.each { |worker| wait_for(worker.port) }
    self
  end

  def stop
    Process.kill("TERM", @pid)
    Process.wait(@pid)
  end

  def log = File.read(@log)

  # Seconds of CPU so far, the system's for it included.
  def cpu
    fields = File.read("/proc/#{@pid}/stat").split(") ").last.split
    (fields[11].to_i + fields[12].to_i) / 100.0
  end

  # Nanoseconds that its threads ran, which is finer.
  def cpu_ns
    Dir["/proc/#{@pid}/task/*/schedstat"].sum { |path| File.read(path).split.first.to_i }
  end

  private

  def now = Process.clock_gettime(Process::CLOCK_MONOTONIC)

  def copy(worker)
    to = File.join(@folder, worker.name)
    FileUtils.mkdir_p(to)
    worker.modules.each { |path| FileUtils.cp(path, to) }
  end

  def wait_for(port)
    200.times do
      abort "workerd does not start:\n#{log}" if Process.wait(@pid, Process::WNOHANG)

      return TCPSocket.new("127.0.0.1", port).close
    rescue Errno::ECONNREFUSED
      sleep 0.05
    end
    abort "workerd does not listen:\n#{log}"
  end

  def configuration
    <<~CAPNP
      using Workerd = import "/workerd/workerd.capnp";
      const config :Workerd.Config = (
        services = [
          #{services.join(",\n    ")}
        ],
        sockets = [
          #{@workers.map { |worker| socket(worker) }.join(",\n    ")}
        ]
      );
    CAPNP
  end

  def services
    cache = service("cache", 'modules = [(name = "cache.mjs", esModule = embed "cache.mjs")]')
    @workers.flat_map do |worker|
      [service(worker.name, <<~CAPNP.gsub(/\s+/, " ")), origin(worker)]
        modules = [#{worker.modules.map { |path| mod(worker, path) }.join(', ')}],
        bindings = [#{worker.bindings.map { |name, value| binding_of(name, value) }.join(', ')}],
        globalOutbound = "#{worker.name}-origin", cacheApiOutbound = "cache"
      CAPNP
    end + [cache]
  end

  def service(name, worker)
    %[(name = "#{name}", worker = (compatibilityDate = "#{COMPATIBILITY_DATE}", #{worker}))]
  end

  def origin(worker)
    %[(name = "#{worker.name}-origin", external = (address = "#{worker.origin}", http = ()))]
  end

  def mod(worker, path)
    name = File.basename(path)
    kind = name.end_with?(".wasm") ? "wasm" : "esModule"
    %[(name = "#{name}", #{kind} = embed "#{worker.name}/#{name}")]
  end

  # Text is a variable or a secret, which are alike to a Worker; all else is JSON.
  def binding_of(name, value)
    return "(name = #{name.inspect}, text = #{value.to_json})" if value.is_a?(String)

    "(name = #{name.inspect}, json = #{value.to_json.to_json})"
  end

  def socket(worker)
    %[(name = "#{worker.name}", address = "127.0.0.1:#{worker.port}", http = (), ] +
      %[service = "#{worker.name}")]
  end
end
