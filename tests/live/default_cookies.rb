# Random cookies of apps that have the defaults of a version (`config.load_defaults`), as a freshly
# booted app of each has them (tests/rails-corpus/defaults.jsonl).
#
# Some are written by one serializer and read by another, and some were written before the app
# turned `use_authenticated_cookie_encryption` on or off. Included in RandomCases.

module DefaultCookies
  # For each a kind of cookie, and whether it is AES-GCM that encrypts it.
  KINDS = { "signed" => nil, "AES-CBC" => false, "AES-GCM" => true }.freeze
  SETTINGS = %w[
    signed_cookie_salt encrypted_cookie_salt encrypted_signed_cookie_salt
    authenticated_encrypted_cookie_salt use_authenticated_cookie_encryption encrypted_cookie_cipher
    signed_cookie_digest cookies_serializer cookies_digest use_cookies_with_metadata
  ].freeze

  class << self
    def groups = configs.keys.product(KINDS.keys).map { |parts| parts.join(", ") }

    # The settings by "load_defaults 7.1".
    def configs
      @configs ||= defaults.to_h do |line|
        settings = line["settings"]
        about = { "key_generator_iterations" => settings.fetch("key_generator.iterations") }
        digest = settings.fetch("KeyGenerator.hash_digest_class", "SHA1")
        about["key_generator_digest"] = digest.delete_prefix("OpenSSL::Digest::")
        ["load_defaults #{line["load_defaults"]}", { **settings.slice(*SETTINGS), **about }]
      end
    end

    private

    def defaults
      file = File.join(__dir__, "../rails-corpus/defaults.jsonl")
      lines = File.readlines(file).map { |line| JSON.parse(line) }
      lines.select! { |line| line["rails"]&.start_with?("#{RealRails::VERSION}.") }
      lines.select { |line| line["load_defaults"] >= "6.1" && line["load_defaults"] != "none" }
    end
  end

  private

  def default_cookie(group)
    defaults, kind = group.split(", ")
    config = { "secret_key_base" => one_of(*@secrets), **DefaultCookies.configs.fetch(defaults) }
    config["cookies_serializer"] = one_of(*RealRails::COOKIES_SERIALIZERS) if one_in?(2)
    gcm = KINDS.fetch(kind)
    config["use_authenticated_cookie_encryption"] = gcm unless gcm.nil?
    changed = {}
    changed["cookies_serializer"] = one_of(*RealRails::COOKIES_SERIALIZERS) if one_in?(3)
    changed["use_authenticated_cookie_encryption"] = !gcm if !gcm.nil? && one_in?(8)
    changed["use_cookies_with_metadata"] = one_of(true, false) if one_in?(8)
    {
      "kind" => kind == "signed" ? "signed" : "encrypted",
      "cookie_name" => one_of("_app_session", "user_id"),
      "sealed_with" => config,
      "config" => { **config, **changed }
    }
  end
end
