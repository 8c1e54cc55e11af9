# Real Rails apps, one for each line on standard input, each booted in a process of its own. The app
# runs the exporter, seals cookies, and opens those that the next line brings.
#
#   {"defaults":"7.0","cookies":{…},"rotations":["guide"],"early_key":true,"store":"cookie_store",
#    "session":{…},"arguments":["json"]}
#     ->  {"profile":"…","odd":"…","session":"…","sealed":[["signed","today","…"], …]}
#   {"session":"…","signed":"…","encrypted":"…"}  ->  {"session":{…},"signed":{…},"encrypted":{…}}

require_relative "../rails_app"

EXPORTER = File.expand_path("../../../crates/cli/railjar_profile.rb", __dir__)
VALUE = { "id" => 42, "tags" => ["a", "<é>"], "none" => nil }.freeze

# What an app may have in its initializers.
module Rotators
  class << self
    # As the guide to upgrading has it.
    def guide(app, jar)
      old = generator(app.secret_key_base)
      dispatch = app.config.action_dispatch
      jar.rotate :encrypted, old.generate_key(dispatch.authenticated_encrypted_cookie_salt, 32)
      jar.rotate :signed, old.generate_key(dispatch.signed_cookie_salt)
    end

    def given(_app, jar)
      jar.rotate :encrypted, "\xffrandom key of 32 bytes, for now".b
      jar.rotate :signed, "a key as it is, nothing derived", digest: "SHA256"
      jar.rotate :encrypted, "0123456789abcdef0123456789abcdef", "of its own",
        cipher: "aes-256-cbc", digest: "SHA256"
    end

    def old_secret(_app, jar)
      old = generator(ENV.fetch("OLD_SECRET_KEY_BASE"))
      jar.rotate :encrypted, old.generate_key("authenticated encrypted cookie", 32),
        cipher: "aes-256-gcm"
      jar.rotate :signed, old.generate_key("signed cookie")
    end

    def unknown_secret(_app, jar)
      old = generator("a secret of which the environment knows nothing")
      jar.rotate :encrypted, old.generate_key("encrypted cookie", 32),
        old.generate_key("signed encrypted cookie"), cipher: "aes-256-cbc"
      jar.rotate :signed, old.generate_key("signed cookie")
    end

    def cbc(app, jar)
      old = generator(app.secret_key_base)
      jar.rotate :encrypted, old.generate_key("encrypted cookie", 32),
        old.generate_key("signed encrypted cookie"), cipher: "aes-256-cbc"
    end

    def options(_app, jar)
      jar.rotate :signed, digest: "SHA512"
      jar.rotate :encrypted, cipher: "aes-256-cbc"
      jar.rotate :encrypted, cipher: "aes-256-gcm"
    end

    def salts(app, jar)
      old = generator(app.secret_key_base)
      jar.rotate :encrypted, old.generate_key("authenticated encrypted cookie", 32)
      jar.rotate :signed, old.generate_key("signed cookie"), digest: "SHA1"
    end

    # As an app that made its own generator and did not know that Rails says 1000.
    def iterations(app, jar)
      old = ActiveSupport::KeyGenerator.new(app.secret_key_base)
      jar.rotate :signed, old.generate_key(app.config.action_dispatch.signed_cookie_salt)
    end

    private

    def generator(secret)
      options = { iterations: 1000 }
      if ActiveSupport::KeyGenerator.respond_to?(:hash_digest_class)
        options[:hash_digest_class] = OpenSSL::Digest::SHA1
      end
      ActiveSupport::KeyGenerator.new(secret, **options)
    end
  end
end

# A session that is signed, as some apps have it, and one that is only called otherwise.
class SignedStore < ActionDispatch::Session::CookieStore
  private

  def cookie_jar(request) = request.cookie_jar.signed
end
OtherStore = Class.new(ActionDispatch::Session::CookieStore)

module Exported
  STORES = { "signed" => SignedStore, "other" => OtherStore }.freeze

  class << self
    def boot(spec)
      app = Class.new(Rails::Application) do
        def self.name = "Exported::Application"
        config.load_defaults spec["defaults"] if spec["defaults"]
        config.eager_load = false
        config.public_file_server.enabled = false
        config.secret_key_base = ENV.fetch("SECRET_KEY_BASE")
        config.logger = Logger.new(nil)
        config.active_support.deprecation = :silence
        config.cache_store = :memory_store
        name = spec["store"] || "cookie_store"
        store = STORES.fetch(name, name.to_sym)
        session = (spec["session"] || {}).transform_keys(&:to_sym)
        config.session_store store, key: "_exported_session", **session
        Exported.set(config.action_dispatch, spec["cookies"])
        if spec["early_key"]
          initializer("early_key") { |app| app.key_generator.generate_key("of a gem") }
        end
        config.after_initialize do |app|
          spec.fetch("rotations", []).each do |name|
            Rotators.public_send(name, app, app.config.action_dispatch.cookies_rotations)
          end
        end
        routes.append do
          request = ->(env) { ActionDispatch::Request.new(env) }
          get "/in", to: ->(env) { request.(env).session["user"] = VALUE; [200, {}, []] }
          get "/who", to: ->(env) { [200, {}, [JSON.generate(request.(env).session["user"])]] }
        end
      end
      Object.const_set(:ExportedApplication, app)
      app.initialize!
    end

    def set(config, settings)
      (settings || {}).each do |name, value|
        case value
        when /\A:/ then value = value.delete_prefix(":").to_sym
        when /\A!/ then value = value.delete_prefix("!").constantize
        end
        config.public_send("#{name}=", value)
      end
    end

    # What the exporter prints, on both streams.
    def export(arguments)
      ARGV.replace(arguments)
      streams = $stdout, $stderr
      $stdout, $stderr = StringIO.new, StringIO.new
      Kernel.load(EXPORTER)
      [$stdout.string, $stderr.string]
    ensure
      $stdout, $stderr = streams
    end

    def request(app, path, cookie = nil)
      Rack::MockRequest.new(app).get(path, { "HTTP_COOKIE" => cookie }.compact)
    end

    def jar(app, cookie = nil)
      env = Rack::MockRequest.env_for("http://example.test/", { "HTTP_COOKIE" => cookie }.compact)
      ActionDispatch::Request.new(app.env_config.merge(env)).cookie_jar
    end

    # A cookie by each codec of a jar: what it writes today, and what it reads besides.
    def sealed(app, kind, codec, write)
      jar = jar(app).public_send(kind)
      codec = jar.instance_variable_get(codec)
      codecs = [codec, *codec.instance_variable_get(:@rotations)]
      payload = jar.send(:serializer).dump(VALUE)
      metadata = jar.send(:cookie_metadata, "kept", {})
      codecs.each_with_index.map do |each, at|
        [kind, at.zero? ? "today" : "rotated", each.public_send(write, payload, **metadata)]
      end
    end

    def cookies(app)
      sealed(app, "signed", :@verifier, :generate) +
        sealed(app, "encrypted", :@encryptor, :encrypt_and_sign)
    end

    # What the app makes of cookies that another wrote.
    def opened(app, cookies)
      found = %w[signed encrypted].to_h do |kind|
        [kind, jar(app, "kept=#{cookies[kind]}").public_send(kind)["kept"]]
      end
      return found unless cookies["session"]

      session = request(app, "/who", "_exported_session=#{cookies["session"]}").body
      found.merge("session" => JSON.parse(session))
    end

    def run(line)
      spec = JSON.parse(line)
      app = boot(spec)
      profile, odd = export(spec.fetch("arguments", []))
      session = request(app, "/in").headers["Set-Cookie"].to_s[/_exported_session=([^;]+)/, 1]
      say("profile" => profile, "odd" => odd, "session" => session, "sealed" => cookies(app))
      say(opened(app, JSON.parse($stdin.gets)))
    end

    def say(answer)
      $stdout.puts JSON.generate(answer)
    end
  end
end

$stdout.sync = true
while (line = $stdin.gets)
  Process.wait(fork { Exported.run(line) })
  abort "an app failed: #{line}" unless $?.success?
end
