# What stands between the users and the servers: each is started on a port in front of the servers,
# with a configuration that is generated here.

require "fileutils"
require "socket"

module Through
  # A process in front, which reads its configuration again at SIGHUP.
  class Front
    RELOADED = 0.5 # seconds after the signal

    def initialize(port, releases, folder)
      @port = port
      @releases = releases
      @folder = folder
      @log = File.join(folder, "front.log")
    end

    def start(servers)
      configure(servers)
      @pid = spawn(environment, *command, out: @log, err: %i[child out], pgroup: true)
      wait_until_open
    end

    # From now on these servers, and no others, get requests.
    def serve(servers)
      configure(servers)
      Process.kill("HUP", @pid)
      sleep(RELOADED)
    end

    def stop
      return unless @pid

      Process.kill("TERM", @pid)
      Process.wait(@pid)
      @pid = nil
    end

    private

    def environment
      {}
    end

    def configure(servers)
      File.write(path, configuration(servers.map(&:address)))
    end

    def path
      File.join(@folder, file)
    end

    def wait_until_open
      100.times do
        if Process.wait(@pid, Process::WNOHANG)
          @pid = nil
          raise "#{command.first} does not start: see #{@log}"
        end

        return TCPSocket.new("127.0.0.1", @port).close
      rescue Errno::ECONNREFUSED
        sleep 0.1
      end
      raise "#{command.first} is not ready after 10 s: see #{@log}"
    end
  end

  # nginx as it comes, each request to the next server.
  class RoundRobin < Front
    private

    def file
      "nginx.conf"
    end

    def command
      ["nginx", "-c", path, "-p", @folder, "-e", File.join(@folder, "nginx-error.log")]
    end

    def configuration(addresses)
      servers = addresses.map { |address| "server #{address} max_fails=1 fail_timeout=1s;" }
      temporary = %w[client_body proxy fastcgi uwsgi scgi].map { |of| "#{of}_temp_path tmp-#{of};" }
      <<~NGINX
        daemon off;
        pid nginx.pid;
        error_log nginx-error.log warn;
        worker_processes 1;
        events { worker_connections 1024; }
        http {
          #{temporary.join(' ')}
          access_log off;
          upstream app {
            #{servers.join(' ')}
          }
          server {
            listen 127.0.0.1:#{@port};
            location / {
              proxy_pass http://app;
              proxy_set_header Host $http_host;
            }
          }
        }
      NGINX
    end
  end

  # railjar-proxy, which learns from each server what it writes.
  class Railjar < Front
    private

    def file
      "proxy.toml"
    end

    def command
      target = ENV.fetch("CARGO_TARGET_DIR") { File.expand_path("../../../target", __dir__) }
      [ENV.fetch("RAILJAR_PROXY", File.join(target, "debug", "railjar-proxy")), path]
    end

    def environment
      @releases.to_h { |release| [release.secret_variable, release.secret] }
    end

    def mode
      "edge"
    end

    def configuration(addresses)
      <<~TOML
        mode = #{toml(mode)}

        [server]
        listen = #{toml(["127.0.0.1:#{@port}"])}

        [learn]
        path = "/up"

        [[pools]]
        name = "story"
        servers = #{toml(addresses)}
        format = "learned"

        [edge]
        session = { name = "_story" }
        cookies = [
          { name = "remember_token", kind = "signed" },
          { name = "theme", kind = "encrypted" },
        ]
        signed_in = [{ session_path = ["user"] }]
        hints = [{ name = "user_credentials", attributes = "max-age=31536000" }]
        # So that a guest's page which a cache may keep has no cookie that Rails wrote again.
        policies = { rotated = "reseal" }

        [edge.formats]
        #{formats.join("\n")}
      TOML
    end

    def formats
      @releases.map do |release|
        secrets = { "secret_key_base" => { "env" => release.secret_variable } }
        "#{release.name} = #{toml({ **release.format, 'secrets' => secrets })}"
      end
    end

    def toml(value)
      case value
      when Hash then "{ #{value.map { |key, to| "#{key} = #{toml(to)}" }.join(', ')} }"
      when Array then "[#{value.map { |item| toml(item) }.join(', ')}]"
      else value.inspect
      end
    end
  end

  # The same binary, which only carries requests.
  class PassThrough < Railjar
    private

    def mode
      "pass_through"
    end
  end

  ALL = {
    "round-robin" => RoundRobin, "railjar" => Railjar, "pass-through" => PassThrough
  }.freeze
end
