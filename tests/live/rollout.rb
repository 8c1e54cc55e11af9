# What `railjar rollout` says of real Rails: who reads what whom writes, for apps of 6.1 and of 7.2
# with all sorts of settings; and that each initializer that `rollout plan` writes does there what
# the plan says, at every step and when it is taken back.
#
#   RAILS_LIB=LIB ruby tests/live/rollout.rb [matrix|plan]
#
# Rails 6.1 is the installed one, Rails 7.2 the one that RAILS_LIB names; RUBY72 is the Ruby that
# runs that one, if it is another. RAILJAR is the program, the debug build unless it is said.

require "json"
require "open3"
require "tmpdir"
require_relative "checks"
require_relative "programs"

RAILJAR = ENV.fetch("RAILJAR", Programs::PIPE.first)
LIB = ENV.delete("RAILS_LIB") || abort("RAILS_LIB: where is Rails 7.2?")
ENV["RAILS_ENV"] = "production"
APP = File.join(__dir__, "rollout/app.rb")
APPS = {
  "6.1" => Program.new("ruby", APP),
  "7.2" => Program.new("env", "RAILS_LIB=#{LIB}", ENV.fetch("RUBY72", "ruby"), APP)
}.freeze
SECRETS = { "A" => "a secret of an app ".ljust(64, "a"), "B" => "another secret ".ljust(64, "b") }.freeze
JARS = { "session" => "_session", "signed" => "token", "encrypted" => "box" }.freeze
CHECKS = Checks.new(0)

# One app: its version, its `load_defaults`, what its initializer says, and the same as a settings
# file has it.
Release = Struct.new(:rails, :defaults, :secret, :settings, :rotations) do
  def settings_file
    {
      rails: rails, load_defaults: defaults, secrets: { secret_key_base: { env: secret } },
      settings: settings, rotations: rotations
    }
  end

  def spec(initializer = self.initializer, env = {})
    { "defaults" => defaults, "secret" => SECRETS[secret], "initializer" => initializer, "env" => env }
  end

  def initializer
    lines = settings.map { |name, value| "dispatch.#{name} = #{value.is_a?(String) ? ":#{value}" : value}" }
    "dispatch = Rails.application.config.action_dispatch\n#{(lines + rotators).join("\n")}"
  end

  private

  def rotators
    rotations.map do |rotation|
      digest = rotation[:key_generator_hash_digest_class]
      <<~RUBY
        derive = ->(salt, length) do
          OpenSSL::PKCS5.pbkdf2_hmac(#{SECRETS[secret].inspect}, salt, 1000, length, #{digest.inspect})
        end
        dispatch.cookies_rotations.rotate :signed, derive.("signed cookie", 64)
        if dispatch.use_authenticated_cookie_encryption
          dispatch.cookies_rotations.rotate :encrypted, derive.("authenticated encrypted cookie", 32)
        else
          dispatch.cookies_rotations.rotate :encrypted, derive.("encrypted cookie", 32),
            derive.("signed encrypted cookie", 64)
        end
      RUBY
    end
  end
end

def release(rails, defaults, secret = "A", rotations: [], **settings)
  Release.new(rails, defaults, secret, settings, rotations)
end

def key_digest(name) = { key_generator_hash_digest_class: name }

# What the `rollout` commands say, as JSON.
def railjar(command, stages)
  now, *steps, last = stages.each_with_index.map { |app, at| { name: "#{at}", app: app.settings_file } }
  cookies = JARS.map { |jar, name| { name: name, jar: jar, lifetime: "14 days" } }
  Dir.mktmpdir do |folder|
    path = File.join(folder, "rollout.json")
    now[:serves] = "14 days"
    File.write(path, JSON.generate({ cookies: cookies, now: now, steps: steps, next: last }))
    output, error, = Open3.capture3(RAILJAR, "rollout", command, path, "--format", "json")
    output.start_with?("{") ? JSON.parse(output) : abort("#{command}: #{error}")
  end
end

# Each app's cookies, and what each app makes of all of them: by writer, then by reader.
def exchange(apps)
  written = apps.map { |rails, spec| APPS[rails].ask([spec]).first["written"] }
  read = apps.map { |rails, spec| APPS[rails].ask([{ **spec, "open" => written }]).first["read"] }
  read.transpose
end

# As real Rails answered, so railjar.
def compare(what, apps, real, said)
  JARS.each do |jar, name|
    readings = said.find { |it| it["cookie"] == name }.fetch("readings")
    real.each_with_index do |row, writer|
      row.each_with_index do |answers, reader|
        result, again = answers.fetch(jar)
        cell = readings[writer][reader]
        pair = "#{apps[writer]} to #{apps[reader]}"
        CHECKS.same?("#{what}, #{jar}: #{result}", result, cell["result"], pair)
        # A session is written again by every page that has it.
        next if jar == "session" || result != "opens"

        CHECKS.same?("#{what}, #{jar}: written again", again, cell["reissue"], pair)
      end
    end
  end
end

def matrix
  serializers = {
    "6.1" => %w[marshal json hybrid],
    "7.2" => %w[marshal json json_allow_marshal message_pack message_pack_allow_marshal]
  }
  serializers["7.2"].pop(2) unless ENV["RUBY72"] # Debian 12's msgpack is too old for Rails
  defaults = { "6.1" => %w[5.0 5.2 6.0 6.1], "7.2" => %w[5.0 5.2 6.0 6.1 7.0 7.1 7.2] }
  rotations = [[], [key_digest("SHA1")], [key_digest("SHA256")]]
  releases = defaults.flat_map do |rails, versions|
    versions.product(serializers[rails]).flat_map do |version, serializer|
      own = version >= "7.0" ? "SHA256" : "SHA1"
      rotations.reject { |it| it == [key_digest(own)] }.map do |rotation|
        release(rails, version, rotations: rotation, cookies_serializer: serializer)
      end
    end
  end
  real = exchange(releases.map { |app| [app.rails, app.spec] })
  compare("the matrix", releases.map(&:to_a), real, railjar("matrix", releases)["cookies"])
end

# From now to next, as examples/rollout has it.
CHANGES = {
  "the key digest and the serializer" =>
    [release("7.2", "6.1", cookies_serializer: "hybrid"), release("7.2", "7.0")],
  "CBC to GCM" => [release("6.1", "5.1"), release("6.1", "5.2")],
  "CBC to GCM in 7.2" => [release("7.2", "5.1"), release("7.2", "5.2")],
  "another secret" => [release("7.2", "7.2"), release("7.2", "7.2", "B")],
  "another secret in 6.1" => [release("6.1", "6.1"), release("6.1", "6.1", "B")],
  "Marshal to JSON" => [release("6.1", "6.1"), release("6.1", "6.1", cookies_serializer: "json")],
  "Marshal to JSON in 7.2" => [release("7.2", "6.1"), release("7.2", "6.1", cookies_serializer: "json")],
  "6.1 to the defaults of 7.0" => [release("6.1", "6.1"), release("7.2", "7.0")],
  "6.1 to 7.2, CBC to GCM, Marshal to JSON, another secret" =>
    [release("6.1", "5.1"), release("7.2", "7.2", "B")],
  "7.0 to 7.1" => [release("7.2", "7.0"), release("7.2", "7.1")],
  "metadata" => [release("6.1", "5.2"), release("6.1", "6.0")]
}.freeze

def plan
  CHANGES.each do |name, (now, after)|
    said = railjar("plan", [now, after])
    CHECKS.same?("#{name}: a safe way", "safe", said["result"], name)
    env = { "OLD_SECRET_KEY_BASE" => SECRETS[now.secret], "NEW_SECRET_KEY_BASE" => SECRETS[after.secret] }
    apps = [[now.rails, now.spec]] + said["steps"].map do |step|
      of_step = step["rails"] == now.rails ? now : after
      secret = SECRETS[step["secret"] == "next" ? after.secret : now.secret]
      spec = step["ruby"] ? of_step.spec(step["ruby"], env) : after.spec
      spec = { **spec, "secret" => secret }
      [step["rails"], spec]
    end
    real = exchange(apps)
    compare("#{name}", apps.each_index.to_a, real, said["cookies"])
    neighbours = apps.each_index.flat_map { |at| [[at, at + 1], [at + 1, at]] }
    neighbours.select { |pair| pair.max < apps.length }.each do |writer, reader|
      results = real[writer][reader].transform_values(&:first)
      CHECKS.same?("#{name}: neighbours", ["opens"], results.values.uniq, "#{writer} to #{reader}")
    end
    puts "#{name}: #{apps.length - 1} deploys"
  end
end

matrix unless ARGV == ["plan"]
plan unless ARGV == ["matrix"]
CHECKS.report
