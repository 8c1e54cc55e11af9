# What is deployed: for each variant the release before it and the one after. A release says its
# cookies in the keys of a settings file (docs/config.md), which both the app and the proxy read.

require "json"

Release = Struct.new(:name, :secret, :format, keyword_init: true) do
  # The environment of config.ru. `libs` are the folders of Rails 7.2.
  def env(libs)
    {
      "APP" => JSON.generate(format), "SECRET_KEY_BASE" => secret,
      "RELEASE" => name, "RAILJAR_FORMAT" => "format=#{name}",
      "RAILS_LIB" => format["rails"] == "6.1" ? "" : libs
    }
  end

  def secret_variable
    "STORY_SECRET_#{name.upcase}"
  end
end

module Variants
  SECRET = "7c1e" * 32
  ANOTHER_SECRET = "b05d" * 32

  # A release with the cookies of `rails` under `load_defaults`, but for `settings`.
  def self.release(name, rails, load_defaults, settings = {}, rotations: [], secret: SECRET)
    format = {
      "rails" => rails, "load_defaults" => load_defaults, "settings" => settings,
      "rotations" => rotations, "cookies" => { "session" => { "name" => "_story" } }
    }
    Release.new(name: name, secret: secret, format: format)
  end
  private_class_method :release

  JSON_COOKIES = { "cookies_serializer" => "json" }.freeze
  HYBRID = { "cookies_serializer" => "hybrid" }.freeze
  MARSHAL = { "cookies_serializer" => "marshal" }.freeze
  # The blank salt: a Rails before 6.1, which does not read AES-GCM while it writes AES-CBC.
  ONLY_CBC = {
    "cookies_serializer" => "json", "use_authenticated_cookie_encryption" => false,
    "authenticated_encrypted_cookie_salt" => ""
  }.freeze
  READ_SHA1_TOO = [{ "key_generator_hash_digest_class" => "SHA1" }].freeze

  ALL = {
    # From Rails 6.1 to all that is new in 7.2: keys derived with SHA256, nothing else read.
    "story" => [release("old", "6.1", "6.1", HYBRID), release("new", "7.2", "7.2")],
    # The same by the upgrade guide: SHA1 is still read, and rewritten.
    "guide" => [
      release("old", "6.1", "6.1", HYBRID),
      release("new", "7.2", "7.2", rotations: READ_SHA1_TOO)
    ],
    "cipher" => [
      release("old", "6.1", "6.1", ONLY_CBC), release("new", "6.1", "6.1", JSON_COOKIES)
    ],
    "serializer" => [
      release("old", "6.1", "6.1", MARSHAL), release("new", "7.2", "6.1", JSON_COOKIES)
    ],
    "secret" => [
      release("old", "7.2", "7.2"), release("new", "7.2", "7.2", secret: ANOTHER_SECRET)
    ]
  }.freeze
end
