# Pumas on loopback ports, each with one release of the app; replacing one is a step of a deploy.

require "net/http"

class Server
  attr_reader :port

  def initialize(port, libs, folder)
    @port = port
    @libs = libs
    @log = File.join(folder, "puma-#{port}.log")
  end

  def address
    "127.0.0.1:#{port}"
  end

  def start(release)
    @pid = spawn(
      { "RAILS_ENV" => "production", **release.env(@libs) },
      "puma", "--bind", "tcp://#{address}", "--threads", "1:4", "--workers", "0", "config.ru",
      chdir: __dir__, out: [@log, "a"], err: %i[child out], pgroup: true
    )
  end

  # As long as it takes to boot two Rails at once on a busy machine.
  def wait_until_ready(seconds = 60)
    deadline = now + seconds
    until ready?
      raise "puma on port #{port} is gone: see #{@log}" if gone?
      raise "puma on port #{port} is not ready after #{seconds} s: see #{@log}" if now > deadline

      sleep 0.1
    end
  end

  # Waits until nothing in front of it is connected any more: Puma ends what it has begun before it
  # goes, but not what still waits for one of its threads.
  def drain(seconds = 60)
    deadline = now + seconds
    sleep 0.1 while connected? && now < deadline
  end

  def stop
    return unless @pid && !gone?

    Process.kill("TERM", @pid)
    Process.wait(@pid)
    @pid = nil
  end

  def replace(release)
    stop
    start(release)
    wait_until_ready
  end

  private

  # proc_net_tcp(5): the local address, and the state of an open connection.
  def connected?
    this_end = format("0100007F:%04X", port)
    File.foreach("/proc/net/tcp").any? { |line| line.split.values_at(1, 3) == [this_end, "01"] }
  end

  def ready?
    Net::HTTP.start("127.0.0.1", port, open_timeout: 1, read_timeout: 5) do |http|
      http.get("/up").is_a?(Net::HTTPSuccess)
    end
  rescue SystemCallError, Timeout::Error, EOFError
    false
  end

  def gone?
    @pid = nil if @pid && Process.wait(@pid, Process::WNOHANG)
    @pid.nil?
  end

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
