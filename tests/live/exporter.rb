# The exporter on real Rails: boots apps with all sorts of settings and rotations, and reads the
# settings file that it prints of each. With that file `railjar` opens what the app wrote (its
# session, signed and encrypted cookies, and those of its rotations), and the app what railjar
# wrote.
#
#   ruby tests/live/exporter.rb
#
# The installed Rails is used, or the one that RAILS_LIB names. RAILJAR is the program, the debug
# build unless it is said.

require "fileutils"
require "json"
require "open3"
require "tmpdir"
require_relative "programs"
require_relative "real_rails"

RAILJAR = ENV.fetch("RAILJAR", Programs::PIPE.first)
SECRET = "3f9a".ljust(128, "0123456789abcdef")
ENV.update(
  "SECRET_KEY_BASE" => SECRET,
  "OLD_SECRET_KEY_BASE" => "older-than-that-".ljust(64, "0123456789abcdef"),
  "RAILS_ENV" => "production"
)
VALUE = { "id" => 42, "tags" => ["a", "<é>"], "none" => nil }.freeze
NEWEST = { "defaults" => RealRails::VERSION }.freeze
WITH_CBC = { "use_authenticated_cookie_encryption" => false }.freeze
KEY_DIGESTS = RealRails::KEY_DIGESTS

APPS = Program.new(Programs::RUBY, File.join(__dir__, "exporter/app.rb"))
FOLDER = Dir.mktmpdir
at_exit { FileUtils.rm_rf(FOLDER) }
@checked = 0
@wrong = []

def check(what, spec, expected, actual)
  @checked += 1
  return if expected == actual

  @wrong << "#{what} of #{spec}: expected #{expected.inspect}, not #{actual.inspect}"
end

def file(name, text)
  path = File.join(FOLDER, name)
  FileUtils.mkdir_p(File.dirname(path))
  File.write(path, text)
  path
end

def railjar(command, config, kind, value, env: {})
  which = kind == "session" ? ["--session"] : ["--#{kind}", "--cookie", "kept"]
  arguments = [command, "--config", config, *which, "--format", "json", value]
  output, error, status = Open3.capture3(env, RAILJAR, *arguments)
  [output.start_with?("{") ? JSON.parse(output) : {}, error, status.exitstatus]
end

# One app, both ways; `odd` begins what is odd about it. The block looks at its profile.
def app(spec, odd: [])
  answer = APPS.ask([spec]).first
  config = file(spec["arguments"] == ["json"] ? "app.json" : "app.toml", answer["profile"])
  notes = answer["odd"].lines
  check("the number of odd things (#{notes})", spec, odd.length, notes.length)
  odd.zip(notes) { |part, note| check("odd (#{note})", spec, true, note.to_s.include?(part)) }
  yield answer["profile"] if block_given?
  from_app(spec, answer, config)
  to_app(spec, config)
end

def from_app(spec, answer, config)
  found, error, = railjar("open", config, "session", answer["session"])
  session = [found.dig("value", "user"), found["reissue"]]
  check("its session (#{error})", spec, [VALUE, false], session)
  answer["sealed"].each_with_index do |(kind, age, wire), at|
    found, error, = railjar("open", config, kind, wire)
    check("cookie #{at}, #{kind}, #{age} (#{error})", spec, VALUE, found["value"])
  end
end

def to_app(spec, config)
  value = VALUE.merge("by" => "railjar")
  session = { "session_id" => "a", "user" => value }
  sealed = { "session" => session, "signed" => value, "encrypted" => value }.to_h do |kind, written|
    answer, error, = railjar("seal", config, kind, JSON.generate(written))
    check("#{kind} sealed (#{error})", spec, "", error)
    [kind, answer["set_cookie_value"]]
  end
  answer = APPS.ask([sealed]).first
  sealed.each_key { |kind| check("#{kind} by railjar", spec, value, answer[kind]) }
end

# An app of which only the profile is wanted: the answer.
def exported(spec)
  answer = APPS.ask([spec]).first
  APPS.ask([{}])
  answer
end

def idle(at)
  %w[signed encrypted].map { |kind| "rotation #{at} of #{kind} cookies has the keys of today" }
end

def each_default
  versions = %w[5.0 5.1 5.2 6.0 6.1 7.0 7.1 7.2].select { |each| each <= RealRails::VERSION }
  [nil, *versions].each do |defaults|
    spec = { "defaults" => defaults }
    app(spec)
    rotates = defaults.to_s >= "7.0"
    # The key for AES-GCM, which the guide rotates in, is not today's where that is off.
    odd = rotates ? [] : idle(1).first(defaults.to_s < "5.2" ? 1 : 2)
    app({ **spec, "rotations" => ["guide"] }, odd: odd) do |profile|
      check("one for both", spec, rotates ? 1 : 2, profile.scan("[[rotations]]").length)
    end
  end
end

SETTINGS = [
  *%w[:json :hybrid :marshal !JSON].map { |name| { "cookies_serializer" => name } },
  { "cookies_serializer" => nil },
  { "use_cookies_with_metadata" => false },
  { "signed_cookie_digest" => "SHA256", "cookies_digest" => "SHA512" },
  { "encrypted_cookie_cipher" => "aes-128-gcm" },
  { "encrypted_cookie_cipher" => "aes-256-cbc" },
  { "signed_cookie_salt" => "s \"1\"\n", "authenticated_encrypted_cookie_salt" => "é\\" },
  { "encrypted_cookie_salt" => "" },
  WITH_CBC,
  { **WITH_CBC, "encrypted_cookie_salt" => "a", "encrypted_signed_cookie_salt" => "b" }
].freeze

def each_setting
  names = RealRails::COOKIES_SERIALIZERS - %w[json hybrid marshal]
  others = names.map { |name| { "cookies_serializer" => ":#{name}" } }
  (SETTINGS + others).each { |cookies| app({ **NEWEST, "cookies" => cookies }) }
end

def each_rotation
  written = ["secrets=#{File.join(FOLDER, "secrets")}"]
  app({ **NEWEST, "rotations" => ["given"], "arguments" => written })
  app({ **NEWEST, "cookies" => WITH_CBC, "rotations" => ["given"], "arguments" => written })
  modes = Dir[File.join(FOLDER, "secrets/*")].map { |path| File.stat(path).mode & 0o777 }
  check("who may read the secrets", {}, [0o600], modes.uniq)
  app({ **NEWEST, "rotations" => %w[old_secret cbc], "arguments" => ["json"] }) do |profile|
    place = JSON.parse(profile).dig("rotations", 0, "secret_key_base", "env")
    check("where the old secret is", {}, "OLD_SECRET_KEY_BASE", place)
  end
  app({ **NEWEST, "cookies" => WITH_CBC, "rotations" => ["old_secret"] })
  unknown = { **NEWEST, "rotations" => %w[unknown_secret guide], "arguments" => written }
  app(unknown, odd: KEY_DIGESTS ? [] : idle(2))
  app({ **NEWEST, "rotations" => ["options"] }, odd: idle(2).last(1))
  app({ **NEWEST, "cookies" => WITH_CBC, "rotations" => ["options"] }, odd: idle(1).last(1))
  salts = { "signed_cookie_salt" => "s", "authenticated_encrypted_cookie_salt" => "e" }
  app({ **NEWEST, "cookies" => salts, "rotations" => ["salts"] })
  app({ **NEWEST, "rotations" => ["iterations"] })
end

# A gem asks for a key while the app boots, as turbo-rails did: the setting comes too late, and the
# rotation that the guide tells to add rotates nothing.
def early_key
  frozen = KEY_DIGESTS ? ["keys are derived with SHA1, although"] : []
  app({ **NEWEST, "early_key" => true, "rotations" => ["guide"] }, odd: frozen + idle(1))
end

# What stands in the file without secrets, and what a wrong one does.
def fingerprints
  answer = exported({ **NEWEST, "rotations" => ["given"] })
  config = file("given.toml", answer["profile"])
  secrets = [SECRET, "a key as it is", "0123456789abcdef"]
  check("secrets shown", {}, [], secrets.select { |secret| answer["profile"].include?(secret) })
  open = ->(env = {}) { railjar("open", config, "session", answer["session"], env: env) }
  _, error, status = open.()
  check("a fingerprint alone", {}, [true, 1], [error.include?("only the fingerprint"), status])
  file("given.toml", answer["profile"].gsub(/\[\[rotations\]\].*?(?=\n\[|\z)/m, ""))
  check("its session without rotations", {}, VALUE, open.().first.dig("value", "user"))
  _, error, status = open.({ "SECRET_KEY_BASE" => "#{SECRET}0" })
  check("another secret", {}, [true, 1], [error.include?("is not the one of the app"), status])
end

def each_store
  {
    "cache_store" => "not in the cookie but in ActionDispatch::Session::CacheStore",
    "disabled" => "the app has no sessions",
    "signed" => "a cookie_jar of its own (in SignedStore): it may be signed and not encrypted"
  }.each do |store, note|
    odd = exported({ **NEWEST, "store" => store })["odd"]
    check("sessions in #{store} (#{odd})", {}, true, odd.include?(note))
  end
  app({ **NEWEST, "store" => "other" })
  app({ **NEWEST, "session" => { "expire_after" => 1_209_600 } }) do |profile|
    check("how long it lasts", {}, true, profile.include?("1209600 seconds"))
  end
end

# An app in files, and what its own `bin/rails runner` prints: from a file, and from standard input.
def through_runner
  file("bin/rails", <<~RUBY)
    APP_PATH = File.expand_path("../config/application", __dir__)
    require "#{File.join(__dir__, "rails_lib")}"
    require "rails/commands"
  RUBY
  file("config/application.rb", <<~RUBY)
    require "action_controller/railtie"
    class Runner < Rails::Application
      config.load_defaults 6.1
      config.eager_load = false
      config.secret_key_base = ENV.fetch("SECRET_KEY_BASE")
      config.session_store :cookie_store, key: "_runner_session"
    end
  RUBY
  file("config/environment.rb", "require_relative 'application'\nRails.application.initialize!\n")
  script, = Open3.capture2(RAILJAR, "export-script")
  path = file("railjar_profile.rb", script)
  runner = [Programs::RUBY, "bin/rails", "runner"]
  json, = Open3.capture2(*runner, path, "json", chdir: FOLDER)
  found = JSON.parse(json).then { |it| [it["load_defaults"], it.dig("cookies", "session", "name")] }
  check("by the runner", {}, ["6.1", "_runner_session"], found)
  Open3.capture2(*runner, "-", "out=piped.toml", stdin_data: script, chdir: FOLDER)
  name = File.read(File.join(FOLDER, "piped.toml")).include?('name = "_runner_session"')
  check("on the runner's standard input", {}, true, name)
end

each_default
each_setting
each_rotation
early_key
fingerprints
each_store
through_runner if Gem::Specification.find_all_by_name("thor").any? # which Rails' commands need

puts @wrong.first(20)
abort "#{@wrong.length} of #{@checked} differ from Rails #{ActiveSupport.version}" if @wrong.any?
puts "exporter: #{@checked} checks, none differ from Rails #{ActiveSupport.version}"
