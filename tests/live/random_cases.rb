# Random cookies and messages that real Rails wrote, and what it says when it reads them back.

require "zlib"
require_relative "default_cookies"

class RandomCases
  NOW = Time.utc(2026, 3, 1, 12)
  DIGESTS = [nil, "SHA1", "SHA256", "SHA384", "SHA512"].freeze
  GCM = %w[aes-128-gcm aes-192-gcm aes-256-gcm].freeze
  CBC = %w[aes-128-cbc aes-192-cbc aes-256-cbc].freeze
  CODE_POINTS = [
    *0x00..0x7f, 0x80, 0xe9, *"<>&\"\\".codepoints, 0x2028, 0x2029, 0xfffd, 0x1f600, 0x10ffff
  ].freeze

  include DefaultCookies

  # What cases there are: with random settings, and with each `load_defaults`.
  def self.groups = ["cookie", "message", *DefaultCookies.groups]

  # The same seed gives the same cases, initialization vectors included.
  def initialize(server, seed, group)
    @server = server
    @random = Random.new(Zlib.crc32(group, seed)) # or all `load_defaults` had the same cases
    @group = group
    @label = "#{RealRails::VERSION}/#{group}/#{seed}"
    # Keys are derived once for each: few of them.
    @secrets = Array.new(4) { @random.bytes(64).unpack1("H*") }
  end

  def take(count)
    RealRails::Encrypting.random = @random
    count.times { |i| yield random_case("live/#{@label}/#{i}") }
  ensure
    RealRails::Encrypting.random = nil
  end

  private

  def random_case(id)
    about = { "id" => id, "rails" => RealRails::VERSION, **subject }
    about["now"] = iso8601(NOW)
    writing_config = about.delete("sealed_with") || about["config"]
    about["expires_at"] = iso8601(NOW + @random.rand(-2.0..9.0) * 86_400) if one_in?(3)
    value = about["config"]["serializer"] == "NullSerializer" ? string : value(4)
    writing = { **about, "op" => "seal", "config" => writing_config, "value" => value }
    sealed = @server.answer(writing)
    return random_case(id) unless sealed["result"] == "ok" # too long for a cookie, say

    opening = { **about, "op" => "open", **sealed.slice("wire", "plain_b64") }
    opened = @server.answer(opening)
    answer = opened.slice("value", "value_ruby", "reissued")
    { **opening, "expect" => opened["class"] || opened["result"], **answer }
  end

  def subject
    case @group
    when "cookie" then { "layer" => "cookie", **cookie }
    when "message" then { "layer" => "message", **message }
    when *DefaultCookies.groups then { "layer" => "cookie", **default_cookie(@group) }
    else raise RealRails::BadRequest, "no random cases of this group"
    end
  end

  def cookie
    kind = one_of("signed", "encrypted")
    config = cookie_config
    config["#{kind}_cookie_salt"] = "salt #{string}" if one_in?(4)
    name = one_of("_app_session", "prefs", "a.b", "__Host-x")
    about = { "kind" => kind, "cookie_name" => name, "config" => config }
    return about unless one_in?(5)

    # Written before the secret was changed: the new settings name the old key.
    rotations = { kind => [old_key(kind, config)] }
    changed = { "secret_key_base" => "a new #{string(64)}", "rotations" => rotations }
    { **about, "sealed_with" => config, "config" => { **config, **changed } }
  end

  def cookie_config
    digests = RealRails::KEY_DIGESTS ? DIGESTS.compact : ["SHA1"]
    {
      "secret_key_base" => one_of(*@secrets),
      "key_generator_iterations" => one_of(1000, 1000, 1, 3),
      "key_generator_digest" => one_of(*digests),
      "cookies_serializer" => one_of(*RealRails::COOKIES_SERIALIZERS),
      "signed_cookie_digest" => one_of(*DIGESTS),
      "encrypted_cookie_cipher" => one_of(nil, *GCM, *CBC),
      "use_authenticated_cookie_encryption" => !one_in?(3),
      "use_cookies_with_metadata" => !one_in?(3)
    }
  end

  # What an initializer would derive for `cookies_rotations.rotate`.
  def old_key(kind, config)
    generator = RealRails::Cookies.new(config).jar.request.key_generator
    hex = lambda do |setting, *length|
      salt = config.fetch(setting, RealRails::Cookies::SALTS[setting])
      generator.generate_key(salt, *length).unpack1("H*")
    end
    return { "secret_hex" => hex["signed_cookie_salt"] } if kind == "signed"

    gcm = config["use_authenticated_cookie_encryption"]
    cipher = gcm ? config["encrypted_cookie_cipher"] || "aes-256-gcm" : "aes-256-cbc"
    length = ActiveSupport::MessageEncryptor.key_len(cipher)
    secret = hex[gcm ? "authenticated_encrypted_cookie_salt" : "encrypted_cookie_salt", length]
    signing = gcm ? {} : { "sign_secret_hex" => hex["encrypted_signed_cookie_salt"] }
    { "secret_hex" => secret, **signing, "cipher" => cipher }
  end

  def message
    config = { "codec" => one_of("verifier", "encryptor"), "digest" => one_of(*DIGESTS) }
    config["serializer"] = one_of(*RealRails::SERIALIZER_MODULES)
    length = 64
    if config["codec"] == "encryptor"
      config["cipher"] = one_of(*GCM, *CBC)
      length = ActiveSupport::MessageEncryptor.key_len(config["cipher"])
      config["sign_secret_hex"] = @random.bytes(64).unpack1("H*") if one_in?(2)
    end
    config["secret_hex"] = @random.bytes(length).unpack1("H*")
    if RealRails::SYMBOL_SERIALIZERS
      config["serializer"] = one_of(*RealRails::COOKIES_SERIALIZERS - ["hybrid"]) if one_in?(2)
      config["url_safe"] = true if one_in?(3)
      config["use_message_serializer_for_metadata"] = one_in?(2)
      config["force_legacy_metadata_serializer"] = true if one_in?(6)
    end
    about = { "kind" => config["codec"] == "verifier" ? "signed" : "encrypted", "config" => config }
    about["purpose"] = one_of("login", "é<&>\u2028", "a b", "") if one_in?(2)
    about
  end

  def value(depth)
    case @random.rand(depth.positive? ? 10 : 7)
    when 0 then one_of(true, false, nil)
    when 1 then @random.rand(-1000..1000)
    when 2 then @random.rand(-(1 << 130)..(1 << 130)) >> @random.rand(130)
    when 3 then [@random.bytes(8).unpack1("G")].find(&:finite?) || 0.1
    when 4 then @random.rand(-1e6..1e6).round(@random.rand(6)).to_f
    when 5, 6 then string
    when 7 then Array.new(@random.rand(4)) { value(depth - 1) }
    else Array.new(@random.rand(4)) { [string, value(depth - 1)] }.to_h
    end
  end

  def string(length = @random.rand(12))
    Array.new(length) { CODE_POINTS.sample(random: @random) }.pack("U*")
  end

  def one_of(*choices) = choices.sample(random: @random)
  def one_in?(count) = @random.rand(count).zero?
  def iso8601(time) = time.utc.iso8601(3)
end
