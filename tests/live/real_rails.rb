# Real Rails behind the requests of `railjar pipe`: opens and seals cookies (ActionDispatch's own
# jars) and messages (MessageVerifier, MessageEncryptor). Works with Rails 6.1 and later.
#
# The installed Rails is used, or the one that RAILS_LIB names.

require_relative "rails_lib"
require "json"
require "active_support"
require "active_support/all"
require "active_support/messages/rotation_configuration"
require "action_dispatch"
require "action_dispatch/middleware/cookies"
require "rack/mock"

module RealRails
  VERSION = "#{ActiveSupport::VERSION::MAJOR}.#{ActiveSupport::VERSION::MINOR}"
  KEY_DIGESTS = ActiveSupport::KeyGenerator.respond_to?(:hash_digest_class) # 7.0+
  SYMBOL_SERIALIZERS = defined?(ActiveSupport::Messages::SerializerWithFallback) # 7.1+

  # The request is wrong, or asks what this Rails cannot do.
  BadRequest = Class.new(StandardError)

  # Before 7.1 ActiveSupport::JSON had no dump and load itself; this is how an app used it.
  JSON_SERIALIZER = ActiveSupport::JSON.respond_to?(:dump) ? ActiveSupport::JSON : Module.new do
    def self.dump(value) = ActiveSupport::JSON.encode(value)
    def self.load(text) = ActiveSupport::JSON.decode(text)
  end

  # ActiveSupport::MessagePack (7.1+) needs a gem that may be missing; without it, Rails does not
  # know that format when it meets it.
  MESSAGE_PACK = SYMBOL_SERIALIZERS && Gem::Specification.find_all_by_name("msgpack", ">= 1.7").any?

  # The names of `cookies_serializer`, and the modules that messages may be serialized by.
  COOKIES_SERIALIZERS = [
    "marshal", "json", "hybrid",
    *("json_allow_marshal" if SYMBOL_SERIALIZERS),
    *(%w[message_pack message_pack_allow_marshal] if MESSAGE_PACK)
  ].freeze
  SERIALIZER_MODULES = [
    "Marshal", "JSON", "ActiveSupport::JSON", "NullSerializer",
    *("ActiveSupport::MessagePack" if MESSAGE_PACK)
  ].freeze

  # A frozen clock.
  module Clock
    class << self
      def at(iso8601)
        @now = iso8601 && Time.iso8601(iso8601)
        yield
      ensure
        @now = nil
      end

      def now = @now&.dup
    end

    Time.singleton_class.prepend(Module.new { def now(...) = Clock.now || super })
  end

  # What was encrypted last, and where its initialization vector came from: `random` if set.
  module Encrypting
    class << self
      attr_accessor :plain, :random
    end

    OpenSSL::Cipher.prepend(Module.new do
      def encrypt(*)
        @encrypting = true
        super
      end

      def update(data, *)
        Encrypting.plain = data.b if @encrypting
        super
      end

      def random_iv
        Encrypting.random ? self.iv = Encrypting.random.bytes(iv_len) : super
      end
    end)
  end

  # An app's cookies, as the settings of one request's `config` make them.
  class Cookies
    SALTS = {
      "signed_cookie_salt" => "signed cookie",
      "encrypted_cookie_salt" => "encrypted cookie",
      "encrypted_signed_cookie_salt" => "signed encrypted cookie",
      "authenticated_encrypted_cookie_salt" => "authenticated encrypted cookie"
    }.freeze
    AS_GIVEN = %w[
      secret_key_base cookies_digest signed_cookie_digest encrypted_cookie_cipher
      use_authenticated_cookie_encryption use_cookies_with_metadata
    ].freeze

    # What the app's settings are in the environment of a request.
    attr_reader :env

    def initialize(config)
      @config = config
      @env = Rack::MockRequest.env_for("http://example.test/")
      SALTS.each { |setting, salt| set(setting, config.fetch(setting, salt)) }
      AS_GIVEN.each { |setting| set(setting, config[setting]) }
      serializer = config["cookies_serializer"]
      RealRails.serializer(serializer) if serializer&.include?("_") # refuses what is not there
      set("cookies_serializer", serializer&.to_sym)
      set("cookies_rotations", rotations)
      set("key_generator", key_generator)
    end

    # The jar of a new request that sends `cookies` (names to unescaped values).
    def jar(cookies = {})
      RealRails.text_settings(@config)
      sent = cookies.map { |pair| pair.map { |text| Rack::Utils.escape(text) }.join("=") }
      ActionDispatch::Request.new(@env.merge("HTTP_COOKIE" => sent.join("; ").b)).cookie_jar
    end

    private

    def set(setting, value)
      @env["action_dispatch.#{setting}"] = value
    end

    def key_generator
      options = { iterations: @config.fetch("key_generator_iterations", 1000) }
      digest = @config["key_generator_digest"] || "SHA1"
      options[:hash_digest_class] = OpenSSL::Digest.const_get(digest) if KEY_DIGESTS
      unless KEY_DIGESTS || digest == "SHA1"
        raise BadRequest, "this Rails derives keys with SHA1 only"
      end
      ActiveSupport::CachingKeyGenerator.new(
        ActiveSupport::KeyGenerator.new(@config.fetch("secret_key_base"), **options)
      )
    end

    def rotations
      ActiveSupport::Messages::RotationConfiguration.new.tap do |all|
        (@config["rotations"] || {}).each do |kind, list|
          list.each do |old|
            all.rotate(kind.to_sym, *RealRails.secrets(old), **RealRails.options(old))
          end
        end
      end
    end
  end

  # Answers requests; whatever can be kept for the next request with the same config is kept.
  class Server
    def initialize
      @cookies = {}
      @codecs = {}
    end

    # The answer to one request, as a Hash for JSON.
    def answer(request)
      Clock.at(request["now"]) do
        case [request["op"], layer(request)]
        in ["open", "cookie"] then open_cookie(request)
        in ["seal", "cookie"] then seal_cookie(request)
        in ["open", "message"] then open_message(request)
        in ["seal", "message"] then seal_message(request)
        else raise BadRequest, "unknown op or layer"
        end
      end
    rescue BadRequest, KeyError => error
      { "result" => "error", "message" => error.message }
    rescue StandardError, SystemStackError => error
      { "result" => "raise", "class" => error.class.name }
    end

    private

    def layer(request)
      layer = request.fetch("layer", "cookie")
      layer == "session" ? "cookie" : layer # a session is what the cookie holds
    end

    def open_cookie(request)
      name = request.fetch("cookie_name")
      jar = cookies(request).jar(name => RealRails.wire(request))
      value = jar.public_send(jar_kind(request))[name]
      written = RealRails.set_cookie(jar)
      RealRails.opened(value).merge("reissued" => !written.empty?)
    end

    def seal_cookie(request)
      name = request.fetch("cookie_name")
      jar = cookies(request).jar
      expires = RealRails.expiry(request).values.last
      jar.public_send(jar_kind(request))[name] = { value: request.fetch("value"), expires: expires }
      RealRails.sealed(jar[name], jar_kind(request) == "signed").merge(
        "set_cookie_value" => Rack::Utils.escape(jar[name]),
        "set_cookie" => RealRails.set_cookie(jar).last
      )
    end

    def open_message(request)
      codec = codec(request)
      read = codec.method(signed?(request) ? :verify : :decrypt_and_verify)
      RealRails.opened(read.call(RealRails.wire(request), purpose: request["purpose"]))
    end

    def seal_message(request)
      metadata = { purpose: request["purpose"], **RealRails.expiry(request) }.compact
      value = request.fetch("value")
      codec = codec(request)
      write = codec.method(signed?(request) ? :generate : :encrypt_and_sign)
      RealRails.sealed(write.call(value, **metadata), signed?(request))
    end

    def jar_kind(request)
      kind = request.fetch("kind", "encrypted")
      return kind if %w[signed encrypted signed_or_encrypted].include?(kind)
      raise BadRequest, "unknown kind"
    end

    def signed?(request)
      request.fetch("config")["codec"] == "verifier"
    end

    def cookies(request)
      @cookies[request.fetch("config")] ||= Cookies.new(request.fetch("config"))
    end

    def codec(request)
      config = request.fetch("config")
      RealRails.message_settings(config)
      @codecs[config] ||= RealRails.codec(config)
    end
  end

  CODECS = {
    "verifier" => ActiveSupport::MessageVerifier,
    "encryptor" => ActiveSupport::MessageEncryptor
  }.freeze

  class << self
    # A MessageVerifier or MessageEncryptor with its rotations. Call message_settings first.
    def codec(config)
      codec = CODECS.fetch(config["codec"]).new(*secrets(config), **options(config))
      config.fetch("rotations", []).each { |old| codec.rotate(*secrets(old), **options(old)) }
      codec
    end

    # The settings of a message config that Rails keeps in globals.
    def message_settings(config)
      encryptor = ActiveSupport::MessageEncryptor
      authenticated = config["use_authenticated_message_encryption"] || false
      if encryptor.use_authenticated_message_encryption != authenticated
        encryptor.use_authenticated_message_encryption = authenticated
        encryptor.instance_variable_set(:@default_cipher, nil)
      end
      if SYMBOL_SERIALIZERS
        ActiveSupport::Messages::Metadata.use_message_serializer_for_metadata =
          config["use_message_serializer_for_metadata"]
      end
      text_settings(config)
    end

    # The settings of JSON text, which Rails keeps in globals too.
    def text_settings(config)
      json = ActiveSupport::JSON::Encoding
      json.escape_html_entities_in_json = config.fetch("escape_html_entities_in_json", true)
      return unless json.respond_to?(:escape_js_separators_in_json=) # 8.1+
      json.escape_js_separators_in_json = config.fetch("escape_js_separators_in_json", true)
    end

    def secrets(settings)
      keys = settings.values_at("secret_hex", "sign_secret_hex").compact
      keys.map { |hex| [hex].pack("H*") }
    end

    def options(settings)
      options = settings.slice("digest", "cipher", "url_safe", "force_legacy_metadata_serializer")
      options = options.compact.transform_keys(&:to_sym)
      options[:serializer] = serializer(settings["serializer"]) if settings["serializer"]
      options
    end

    def serializer(name)
      raise BadRequest, "no msgpack gem" if name.match?(/message_?pack/i) && !MESSAGE_PACK
      case name
      when "NullSerializer" then ActiveSupport::MessageEncryptor::NullSerializer
      when "ActiveSupport::JSON" then JSON_SERIALIZER
      when /\A[A-Z]/ then name.constantize
      else
        raise BadRequest, "this Rails has no serializer symbols" unless SYMBOL_SERIALIZERS
        name.to_sym
      end
    end

    def wire(request)
      request.fetch("wire") { request.fetch("wire_b64").unpack1("m") }
    end

    def expiry(request)
      at = request["expires_at"]
      { expires_at: at && Time.iso8601(at), expires_in: request["expires_in"]&.seconds }.compact
    end

    def opened(value)
      return { "result" => "nil" } if value.nil?
      return { "result" => "ok", "value_ruby" => value.inspect } unless json?(value)
      { "result" => "ok", "value" => value }
    end

    def sealed(wire, signed)
      plain = signed ? wire.rpartition("--").first.tr("-_", "+/").unpack1("m") : Encrypting.plain
      { "result" => "ok", "wire" => wire, "plain_b64" => [plain].pack("m0") }
    end

    # The Set-Cookie headers that this jar would send.
    def set_cookie(jar)
      response = Rack::Response.new
      jar.write(VERSION < "7.1" ? response.headers : response)
      Array(response.headers["Set-Cookie"]).flat_map { |header| header.split("\n") }
    end

    # Whether JSON says exactly this value.
    def json?(value)
      case value
      when nil, true, false, Integer then true
      when Float then value.finite?
      when String then value.instance_of?(String) && text?(value)
      when Array then value.instance_of?(Array) && value.all? { |element| json?(element) }
      when Hash
        value.instance_of?(Hash) && value.all? { |pair| pair[0].is_a?(String) && json?(pair) }
      else false
      end
    end

    def text?(string)
      string.ascii_only? || string.encoding == Encoding::UTF_8 && string.valid_encoding?
    end
  end
end
