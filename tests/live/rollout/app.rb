# Real Rails apps, one for each line on standard input, each booted in a process of its own. It
# writes its cookies, or reads those of others.
#
#   {"defaults":"7.0","secret":"…","initializer":"…","env":{…},"open":[{"session":"…"}, …]}
#     ->  {"written":{"session":"…","signed":"…","encrypted":"…"},
#          "read":[{"session":["opens",false]}, …]}
#
# Of each cookie that is read: "opens", "refused" or "raises", and whether Rails wrote it again.

require_relative "../rails_app"

module Staged
  VALUE = { "id" => 42, "name" => "ada" }.freeze
  NAMES = { "session" => "_session", "signed" => "token", "encrypted" => "box" }.freeze

  class << self
    def boot(spec)
      Object.const_set(:StagedApplication, Class.new(Rails::Application) do
        def self.name = "StagedApplication"
        config.load_defaults spec["defaults"] if spec["defaults"]
        config.eager_load = false
        config.public_file_server.enabled = false
        config.secret_key_base = spec["secret"]
        config.logger = Logger.new(nil)
        config.active_support.deprecation = :silence
        config.session_store :cookie_store, key: NAMES["session"]
        # Where an app's files in config/initializers are loaded.
        initializer(:load_config_initializers) { eval(spec["initializer"].to_s) }
        routes.append do
          get "/write", to: Staged.method(:write)
          get "/read/:kind", to: Staged.method(:read)
        end
      end)
      StagedApplication.initialize!
    end

    def write(env)
      request = ActionDispatch::Request.new(env)
      request.session["value"] = VALUE
      request.cookie_jar.signed[NAMES["signed"]] = { value: VALUE }
      request.cookie_jar.encrypted[NAMES["encrypted"]] = { value: VALUE }
      [200, {}, []]
    end

    def read(env)
      request = ActionDispatch::Request.new(env)
      kind = request.path_parameters[:kind]
      found = case kind
      when "session" then request.session["value"]
      else request.cookie_jar.public_send(kind)[NAMES[kind]]
      end
      [200, {}, [JSON.generate([found])]]
    end

    def get(path, cookie = nil)
      Rack::MockRequest.new(StagedApplication.instance).get(path, { "HTTP_COOKIE" => cookie }.compact)
    end

    def set(response) = Array(response.headers["Set-Cookie"]).flat_map { |line| line.split("\n") }

    def written
      response = get("/write")
      raise "status #{response.status}" unless response.ok?

      lines = set(response)
      NAMES.transform_values { |name| lines.filter_map { |line| line[/\A#{name}=([^;]+)/, 1] }.first }
    end

    def reading(kind, cookie)
      response = get("/read/#{kind}", "#{NAMES[kind]}=#{cookie}")
      return ["raises", false] if response.status == 500

      found = JSON.parse(response.body).first
      again = set(response).any? { |line| line.start_with?("#{NAMES[kind]}=") }
      [found == VALUE ? "opens" : found.nil? ? "refused" : "another value", again]
    rescue StandardError
      ["raises", false]
    end

    def run(line)
      spec = JSON.parse(line)
      ENV.update(spec["env"] || {})
      boot(spec)
      read = (spec["open"] || []).map do |cookies|
        cookies.to_h { |kind, cookie| [kind, reading(kind, cookie)] }
      end
      answer = spec["open"] ? { "read" => read } : { "written" => written }
      $stdout.puts JSON.generate(answer)
    end
  end
end

$stdout.sync = true
while (line = $stdin.gets)
  Process.wait(fork { Staged.run(line) })
  abort "an app failed: #{line}" unless $?.success?
end
