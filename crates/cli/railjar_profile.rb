# Prints what a Rails app's cookies look like, as a settings file for railjar: from the booted app,
# since gems and initializers change settings, and some change them too late. Rails 5.2 and later.
#
#   bin/rails runner railjar_profile.rb > app.toml
#   bin/rails runner railjar_profile.rb json secrets=FOLDER out=FILE
#
# Run it where RAILS_ENV and the secrets are those of production. It changes nothing, and prints no
# secret: only fingerprints, which tell whether two secrets are the same. With secrets=FOLDER it
# also writes the secrets there, each into a file that its owner alone may read.
#
# This file needs nothing but Rails. It keeps to Ruby 2.2, which Rails 5.2 runs on.

require "json"
require "openssl"

module RailjarProfile
  NEWEST_RAILS = Gem::Version.new("8.1")

  # What is odd about the app: said on standard error, and in the file.
  class Notes
    DIGESTS = %w[SHA1 SHA256 SHA384 SHA512 MD5].freeze
    CIPHERS = %w[128 192 256].product(%w[cbc gcm]).map { |bits, mode| "aes-#{bits}-#{mode}" }.freeze

    def all
      @all ||= []
    end

    def add(text)
      text = text.gsub(/\s+/, " ")
      return if all.include?(text)
      all << text
      $stderr.puts "railjar_profile: #{text}"
    end

    # The digest or cipher by railjar's name; nil, with a note, if it has none.
    def digest(what, given)
      given = given.name if given.is_a?(Class) || given.is_a?(OpenSSL::Digest)
      known(what, given, given.to_s[/[\w-]*\z/].upcase.delete("-"), DIGESTS)
    end

    def cipher(what, given)
      known(what, given, given.to_s.downcase, CIPHERS)
    end

    private

    def known(what, given, name, names)
      return name if names.include?(name)
      add "#{what} is #{given}, which railjar does not know" unless given.nil?
      nil
    end
  end

  # References to secrets. What they refer to is written to files where that was asked for.
  class Secrets < Struct.new(:folder)
    ITERATIONS = 10_000

    # Tells which secret it is. Trying out guesses with it takes ten times the work that it takes
    # with any cookie of the app.
    def self.fingerprint(secret)
      digest = OpenSSL::Digest.new("SHA256")
      bytes = OpenSSL::PKCS5.pbkdf2_hmac(secret, "railjar fingerprint", ITERATIONS, 8, digest)
      bytes.unpack("H*").first
    end

    # To a secret that is, or will be, in the environment.
    def text(secret, env)
      reference({ "env" => env }, secret, env.downcase)
    end

    # To a key of which nothing else is known.
    def key(key, file)
      text = ENV.keys.find { |name| ENV[name].b == key.b }
      hex = ENV.keys.find { |name| ENV[name].downcase.b == key.unpack("H*").first }
      place = { "env" => text } if text
      place ||= { "env" => hex, "encoding" => "hex" } if hex
      reference(place || {}, key, file)
    end

    # What stands in the environment and may be an old secret_key_base: names and texts.
    def in_environment
      ENV.to_a.select { |_, text| text.bytesize >= 30 && text !~ /\s/ }
    end

    private

    def reference(place, secret, file)
      place = written(secret, File.join(folder, "#{file}.txt")) if folder
      place.merge("fingerprint" => Secrets.fingerprint(secret))
    end

    def written(secret, path)
      Dir.mkdir(folder, 0700) unless File.directory?(folder)
      plain = secret.b =~ /\A[\x20-\x7e]+\z/n
      File.open(path, File::WRONLY | File::CREAT | File::TRUNC | File::NOFOLLOW, 0600) do |file|
        file.chmod(0600)
        file.puts(plain ? secret : secret.unpack("H*").first)
      end
      { "file" => File.expand_path(path) }.merge(plain ? {} : { "encoding" => "hex" })
    end
  end

  # How keys are derived; `env` is where the secret stands if it is not the app's own.
  class Derivation < Struct.new(:secret, :env, :digest, :iterations)
    def key(salt, length)
      digest = OpenSSL::Digest.new(self.digest)
      OpenSSL::PKCS5.pbkdf2_hmac(secret, salt, iterations, length, digest)
    end
  end

  # The key generator that the app's cookies have their keys from.
  class KeyGenerator
    # Rails' own, and those of a KeyGenerator that was not told how many.
    ITERATIONS = [1000, 65_536].freeze
    PROBE = ["railjar profile", 32].freeze

    # How it derives keys, or nil if that is not known.
    attr_reader :own

    def initialize(generator, secret_key_base, secrets)
      @generator = generator
      @secrets = secrets
      @own = identify(secret_key_base)
      @keys = {}
    end

    # The app's key.
    def key(salt, length)
      @generator.generate_key(salt, length)
    end

    # How `key` was derived, and with which of `salts`; nil if that is not known.
    def recognise(key, salts)
      return if key.bytesize < 16
      (ways + others).product(salts).find do |way, salt|
        (@keys[[way, salt, key.bytesize]] ||= way.key(salt, key.bytesize)) == key
      end
    end

    private

    # What Rails' objects say of themselves first, if the keys that they derive agree.
    def identify(secret_key_base)
      inner = @generator.instance_variable_get(:@key_generator) || @generator
      iterations = [inner.instance_variable_get(:@iterations)].compact | ITERATIONS
      secrets = [inner.instance_variable_get(:@secret), secret_key_base].compact.uniq
      probe = @generator.generate_key(*PROBE)
      all(secrets.map { |secret| [nil, secret] }, iterations, Notes::DIGESTS).find do |way|
        way.key(*PROBE) == probe.b
      end
    end

    def ways
      [own] | all([[nil, own.secret]], [own.iterations] | ITERATIONS, Notes::DIGESTS)
    end

    def others
      others = @secrets.in_environment.reject { |_, text| text.b == own.secret.b }
      all(others, ITERATIONS.first(1), [own.digest] | %w[SHA1 SHA256])
    end

    def all(secrets, iterations, digests)
      secrets.product(iterations, digests).map do |(env, secret), count, digest|
        Derivation.new(secret, env, digest, count)
      end
    end
  end

  # `cookies_rotations`, as patches over what the app has today. A rotation in Rails takes what it
  # is not given from today's verifier or encryptor: see `active_support/messages/rotator.rb`.
  class Rotations < Struct.new(:configuration, :settings, :generator, :secrets, :notes)
    SALTS = {
      "signed_cookie_salt" => "signed cookie",
      "encrypted_cookie_salt" => "encrypted cookie",
      "encrypted_signed_cookie_salt" => "signed encrypted cookie",
      "authenticated_encrypted_cookie_salt" => "authenticated encrypted cookie"
    }.freeze
    CBC = "aes-256-cbc".freeze
    GCM = "aes-256-gcm".freeze
    # What means the same for signed and encrypted cookies.
    OF_BOTH = %w[secret_key_base key_generator_hash_digest_class key_generator_iterations].freeze

    def all
      signed = patches("signed", [:digest]) { |*given| signed(*given) }
      encrypted = patches("encrypted", [:cipher, :digest]) { |*given| encrypted(*given) }
      merged(signed, encrypted)
    end

    private

    def patches(kind, known)
      all = configuration.public_send(kind).each_with_index.map do |args, at|
        name = "rotation #{at + 1} of #{kind} cookies"
        *keys, options = args.last.is_a?(Hash) ? args : args + [{}]
        keys = keys.map { |key| key && key.b }
        others = options.keys - known
        notes.add "#{name} is read here without its #{others.join(", ")}" if others.any?
        patch = yield(name, "#{kind}_rotation_#{at + 1}", keys, options)
        notes.add "#{name} has the keys of today: it rotates nothing" if patch && patch.empty?
        patch
      end
      all.compact
    end

    def signed(name, file, keys, options)
      key = keys.first || generator.key(settings["signed_cookie_salt"], 64)
      today = settings["signed_cookie_digest"] || "SHA1"
      digest = options[:digest] ? notes.digest("#{name}: digest", options[:digest]) : today
      return if digest.nil?
      way, used = generator.recognise(key, salts("signed_cookie_salt")) if key.bytesize == 64
      patch = { "key" => secrets.key(key, file) } if way.nil?
      patch ||= derived(way, "signed_cookie_salt" => used)
      patch["digest"] = digest if digest != today
      patch
    end

    def encrypted(name, file, keys, options)
      key, sign_key = keys + todays_keys.drop(keys.length)
      today = authenticated? ? gcm : CBC
      cipher = options[:cipher] ? notes.cipher("#{name}: cipher", options[:cipher]) : today
      digest = options[:digest] ? notes.digest("#{name}: digest", options[:digest]) : "SHA1"
      return if cipher.nil? || digest.nil?
      if key.bytesize != OpenSSL::Cipher.new(cipher).key_len
        notes.add "#{name} reads nothing: #{cipher} needs a key of another length"
        return
      end
      cbc = cipher.end_with?("cbc")
      sign_key = nil if !cbc || sign_key == key
      patch = sign_key ? derived_pair(cipher, key, sign_key) : derived_key(cipher, key)
      if patch.nil?
        patch = { "key" => secrets.key(key, file) }
        patch["sign_key"] = secrets.key(sign_key, "#{file}_sign") if sign_key
        patch["encrypted_cookie_cipher"] = cipher if cipher != today
      end
      patch["digest"] = digest if cbc && digest != "SHA1"
      patch
    end

    # One key, as settings with authenticated encryption derive it.
    def derived_key(cipher, key)
      name = "authenticated_encrypted_cookie_salt"
      way, used = generator.recognise(key, salts(name, "encrypted_cookie_salt"))
      return if way.nil?
      patch = derived(way, name => used)
      patch["use_authenticated_cookie_encryption"] = true unless authenticated?
      patch["encrypted_cookie_cipher"] = cipher if cipher != gcm
      patch
    end

    # Two keys, as settings without it derive them.
    def derived_pair(cipher, key, sign_key)
      return if cipher != CBC || sign_key.bytesize != 64
      names = ["encrypted_cookie_salt", "authenticated_encrypted_cookie_salt"]
      way, used = generator.recognise(key, salts(*names))
      return if way.nil?
      sign_name = "encrypted_signed_cookie_salt"
      sign_salt = salts(sign_name).find { |salt| way.key(salt, 64) == sign_key }
      return if sign_salt.nil?
      patch = derived(way, "encrypted_cookie_salt" => used, sign_name => sign_salt)
      patch["use_authenticated_cookie_encryption"] = false if authenticated?
      patch
    end

    def derived(way, salts)
      own = generator.own
      patch = {}
      patch["secret_key_base"] = secrets.text(way.secret, way.env) if way.env
      patch["key_generator_hash_digest_class"] = way.digest if way.digest != own.digest
      patch["key_generator_iterations"] = way.iterations if way.iterations != own.iterations
      patch.merge(salts.reject { |name, used| used == settings[name] })
    end

    # Both kinds in one list, in which each keeps its own order.
    def merged(signed, encrypted)
      list = []
      signed.each do |patch|
        at = encrypted.index(patch) if patch.any? && (patch.keys - OF_BOTH).empty?
        list.concat(encrypted.shift(at).map { |other| { "for" => "encrypted" }.merge(other) }) if at
        list << (at ? encrypted.shift : { "for" => "signed" }.merge(patch))
      end
      list + encrypted.map { |other| { "for" => "encrypted" }.merge(other) }
    end

    def todays_keys
      if authenticated?
        length = OpenSSL::Cipher.new(gcm).key_len
        return [generator.key(settings["authenticated_encrypted_cookie_salt"], length)]
      end
      sign_key = generator.key(settings["encrypted_signed_cookie_salt"], 64)
      [generator.key(settings["encrypted_cookie_salt"], 32), sign_key]
    end

    def authenticated?
      settings["use_authenticated_cookie_encryption"]
    end

    def gcm
      settings["encrypted_cookie_cipher"] || GCM
    end

    # The app's own and Rails'. (Two names: a rotation may mix a key or a cipher with today's.)
    def salts(*names)
      names.map { |name| [settings[name], SALTS[name]] }.flatten.uniq
    end
  end

  # A booted app, in the words of railjar's settings file.
  class App
    MODULES = %w[Marshal JSON ActiveSupport::JSON ActiveSupport::MessagePack].freeze

    attr_reader :notes

    def initialize(app, secrets)
      @app = app
      @config = app.config
      @env = app.env_config
      @notes = Notes.new
      @secrets = secrets
      @generator = key_generator
    end

    def profile
      {
        "rails" => version(Rails.version), "load_defaults" => load_defaults,
        "secrets" => secret_references, "settings" => settings,
        "rotations" => rotations, "cookies" => cookies
      }.reject { |_, value| value.nil? || value.empty? }
    end

    # How long a session lasts in the browser.
    def expire_after
      session_store.last[:expire_after]
    end

    private

    def version(text)
      text = text.to_s[/\A\d+\.\d+/]
      Gem::Version.new(text) > NEWEST_RAILS ? "main" : text
    end

    def since?(version)
      Gem::Version.new(Rails.version) >= Gem::Version.new(version)
    end

    # Nil where Rails does not keep it.
    def load_defaults
      return unless @config.respond_to?(:loaded_config_version)
      @config.loaded_config_version ? version(@config.loaded_config_version) : "none"
    end

    def key_generator
      generator = env("key_generator")
      if generator.nil? || generator.class.name == "ActiveSupport::LegacyKeyGenerator"
        notes.add "there is no secret_key_base: cookies are signed with secret_token"
        return
      end
      found = KeyGenerator.new(generator, env("secret_key_base"), @secrets)
      if found.own.nil?
        notes.add "#{generator.class} derives keys in a way that railjar does not know"
      elsif env("secret_key_base") && found.own.secret != env("secret_key_base")
        notes.add "the keys are derived from another secret than secret_key_base is now"
      end
      found if found.own
    end

    def secret_references
      found = {}
      base = @generator ? @generator.own.secret : env("secret_key_base")
      found["secret_key_base"] = @secrets.text(base, "SECRET_KEY_BASE") if base
      if env("secret_token").to_s != ""
        notes.add "secret_token is set: cookies that it signed are read too" if base
        found["secret_token"] = @secrets.text(env("secret_token"), "SECRET_TOKEN")
      end
      found
    end

    def rotations
      configuration = env("cookies_rotations")
      return if configuration.nil? || @generator.nil?
      Rotations.new(configuration, settings, @generator, @secrets, notes).all
    end

    def settings
      @settings ||= [cookie_settings, key_settings, other_settings].reduce(:merge)
        .reject { |_, value| value.nil? }
    end

    def cookie_settings
      salts = Rotations::SALTS.keys.map { |name| [name, env(name).to_s] }
      # Rails asks whether they are present.
      salts = salts.map { |name, salt| [name, salt.strip.empty? ? "" : salt] }.to_h
      cipher = notes.cipher("encrypted_cookie_cipher", env("encrypted_cookie_cipher"))
      name = "cookies_serializer"
      {
        name => serializer(name, env(name) || :marshal),
        "cookies_digest" => notes.digest("cookies_digest", env("cookies_digest")),
        "signed_cookie_digest" => notes.digest("signed_cookie_digest", env("signed_cookie_digest")),
        "encrypted_cookie_cipher" => cipher,
        "use_authenticated_cookie_encryption" => !!env("use_authenticated_cookie_encryption"),
        "use_cookies_with_metadata" => (!!env("use_cookies_with_metadata") if since?("6.0")),
        "cookies_same_site_protection" => (same_site if since?("6.1"))
      }.merge(salts)
    end

    def same_site
      given = @config.action_dispatch.cookies_same_site_protection
      return given.to_s.downcase if given.is_a?(Symbol) || given.is_a?(String)
      # Absent in this file means what load_defaults says.
      if given || load_defaults == "main" || load_defaults.to_f >= 6.1
        notes.add "cookies_same_site_protection is #{given ? "a Proc" : "off"}: railjar writes Lax"
      end
      nil
    end

    def key_settings
      return {} if @generator.nil?
      own = @generator.own
      name = "key_generator_hash_digest_class"
      set = "SHA1"
      if since?("7.0")
        set = @config.active_support.key_generator_hash_digest_class
        set = notes.digest(name, set || ActiveSupport::KeyGenerator.hash_digest_class)
      end
      if set != own.digest
        notes.add "keys are derived with #{own.digest}, although #{name} is #{set}: a gem or an " \
                  "initializer asked for a key before the setting was applied"
      end
      { name => (own.digest if since?("7.0")), "key_generator_iterations" => own.iterations }
    end

    def other_settings
      found = {
        "use_authenticated_message_encryption" =>
          !!ActiveSupport::MessageEncryptor.use_authenticated_message_encryption,
        "escape_html_entities_in_json" => !!ActiveSupport.escape_html_entities_in_json
      }
      if since?("7.1")
        default = ActiveSupport::Messages::Codec.default_serializer
        found["message_serializer"] = serializer("message_serializer", default)
        metadata = ActiveSupport::Messages::Metadata.use_message_serializer_for_metadata
        found["use_message_serializer_for_metadata"] = !!metadata
      end
      if since?("8.1")
        separators = ActiveSupport::JSON::Encoding.escape_js_separators_in_json
        found["escape_js_separators_in_json"] = !!separators
        records = @config.active_record if @config.respond_to?(:active_record)
        signed_ids = records && records.use_legacy_signed_id_verifier
        found["use_legacy_signed_id_verifier"] = signed_ids.to_s unless signed_ids.nil?
      end
      found.merge(csrf_settings)
    end

    def csrf_settings
      return {} unless defined?(ActionController::Base)
      names = %w[per_form_csrf_tokens] + (since?("7.1") ? [] : %w[urlsafe_csrf_tokens])
      names = names.select { |name| ActionController::Base.respond_to?(name) }
      names.map { |name| [name, !!ActionController::Base.public_send(name)] }.to_h
    end

    def serializer(setting, given)
      return given.to_s if given.is_a?(Symbol) || given.is_a?(String)
      name = given.is_a?(Module) ? given.name.to_s : given.class.name
      return name if MODULES.include?(name)
      return "NullSerializer" if name.end_with?("::NullSerializer")
      notes.add "#{setting} is #{name}, of the app's own, which railjar cannot run"
      nil
    end

    # The session's middleware and its options: what runs, not what is configured.
    def session_store
      @session_store ||= begin
        found = @app.middleware.find do |each|
          each.klass.is_a?(Class) && each.klass.ancestors.map(&:name).any? do |parent|
            parent =~ /\ARack::Session::Abstract::(Persisted|ID)\z/
          end
        end
        found ? [found.klass, found.args.last || {}] : [nil, {}]
      end
    end

    def cookies
      store, options = session_store
      if store && store <= ActionDispatch::Session::CookieStore
        own_jar(store)
        return { "session" => { "name" => (options[:key] || "_session_id").to_s } }
      end
      notes.add store ? "sessions are not in the cookie but in #{store}" : "the app has no sessions"
      nil
    end

    def own_jar(store)
      jar = store.instance_method(:cookie_jar).owner
      return if jar == ActionDispatch::Session::CookieStore
      notes.add "its session store has a cookie_jar of its own (in #{jar}): it may be signed and " \
                "not encrypted"
    end

    def env(name)
      @env["action_dispatch.#{name}"]
    end
  end

  # A profile as TOML.
  module Toml
    def self.text(profile, comments, expire_after)
      plain, sections = profile.partition { |_, value| value.is_a?(String) }.map(&:to_h)
      lines = comments.map { |comment| "# #{comment}" } + pairs(plain)
      %w[secrets settings].each { |name| lines.concat(table("[#{name}]", sections[name])) }
      sections.fetch("rotations", []).each { |each| lines.concat(table("[[rotations]]", each)) }
      cookies = sections.fetch("cookies", {})
      cookies.each { |name, cookie| lines.concat(table("[cookies.#{name}]", cookie)) }
      lines << "# It lasts for #{expire_after.to_i} seconds (expire_after)." if expire_after
      lines.join("\n") + "\n"
    end

    def self.table(head, hash)
      hash ? ["", head] + pairs(hash) : []
    end

    # JSON's strings, numbers and booleans are TOML's too.
    def self.pairs(hash)
      hash.map do |key, value|
        text = value.is_a?(Hash) ? "{ #{pairs(value).join(", ")} }" : JSON.generate([value])[1..-2]
        "#{key} = #{text}"
      end
    end
  end

  def self.run(arguments)
    options = arguments.map { |each| each.partition("=").values_at(0, 2) }.to_h
    unknown = options.keys - %w[json secrets out]
    abort "railjar_profile: there are json, secrets=FOLDER, out=FILE" if unknown.any?
    app = App.new(Rails.application, Secrets.new(options["secrets"]))
    profile = app.profile
    comments = ["Rails #{Rails.version}, #{Rails.env}: the cookies of the booted app.",
                "A fingerprint tells which secret it is, and not what it is."]
    comments.concat(app.notes.all.map { |note| "Odd: #{note}." })
    toml = Toml.text(profile, comments, app.expire_after)
    text = options["json"] ? JSON.pretty_generate(profile) + "\n" : toml
    options["out"] ? File.write(options["out"], text) : $stdout.print(text)
  end
end

RailjarProfile.run(ARGV)
