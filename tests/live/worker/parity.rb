# The Worker and the native library decide alike: on every cookie of the corpus and on random
# headers, verdict, decision, headers and each byte that is sealed again are the same. The Worker is
# a build with `--features parity`, where the entropy is known.

require "active_support"
require "active_support/message_encryptor"
require "active_support/message_verifier"
require "json"
require "open3"
require "openssl"

class Parity
  CORPUS = File.join(ROOT, "tests/rails-corpus")
  RANDOM = Integer(ENV.fetch("RANDOM_HEADERS", 10_000))
  AT_ONCE = 500

  def initialize(stage)
    @stage = stage
  end

  def run
    modules = @stage.build("worker-parity", "--features", "parity")
    @worker = @stage.worker("parity", "127.0.0.1:9", nil, modules: modules)
    @stage.runtime("parity", @worker)
    corpus = CorpusLines.new(CORPUS)
    compare("corpus", corpus, corpus.count)
    compare("random headers", RandomLines.new(RANDOM), RANDOM)
  end

  private

  def compare(what, lines, count)
    counts = Hash.new(0)
    lines.each_batch(AT_ONCE) do |batch|
      text = batch.map(&:to_json).join("\n")
      ours, theirs = [native(text), worker(text)].map { |answers| answers.lines(chomp: true) }
      same?("lines of #{what}", batch.length, ours.length, text[0, 200])
      batch.zip(ours, theirs) do |line, our, their|
        answer = JSON.parse(our)
        next if answer["edge"]

        verdict = answer["verdict"] || abort("#{what}: no answer: #{our}\n#{line.to_json}")
        same?(what, our, their, line.to_json)
        counts[verdict] += 1
        counts["with another Cookie header"] += 1 if answer["cookie"] != "untouched"
        counts["with other Set-Cookie headers"] += 1 if answer["then"]["set_cookies"]
      end
    end
    same?("number of #{what}", count, @stage.checks.count(what))
    puts "#{what}: #{counts.map { |kind, number| "#{number} #{kind}" }.join(', ')}"
  end

  def same?(what, ours, theirs, about = "") = @stage.checks.same?(what, ours, theirs, about)

  def native(text)
    Open3.capture2(@native ||= build, stdin_data: text).first
  end

  def build
    options = %w[--quiet --locked --example parity --features parity --manifest-path]
    system("cargo", "build", *options, File.join(CRATE, "Cargo.toml"), out: :err) ||
      abort("the native example does not build")
    target = ENV.fetch("CARGO_TARGET_DIR", File.join(CRATE, "target"))
    File.join(target, "debug/examples/parity")
  end

  def worker(text)
    Net::HTTP.start("127.0.0.1", @worker.port, read_timeout: 300) do |http|
      http.post("/railjar/parity", text).body.force_encoding("UTF-8")
    end
  end
end

# Bytes as the lines have them: a text of characters up to U+00FF.
def latin1(bytes) = bytes.b.force_encoding("ISO-8859-1").encode("UTF-8")

# Every cookie of the corpus before the app that it was written for, before a newer one with the
# same secret, and before one that nobody knows.
class CorpusLines
  NEXT = { rails: "7.2", secrets: { secret_key_base: { env: "BASE" } } }.freeze

  UPSTREAMS = ["app", "next", nil].freeze

  def initialize(folder)
    @cases = Dir[File.join(folder, "*.jsonl")].sort.flat_map { |path| read(path) }
  end

  def count = @cases.length * UPSTREAMS.length

  def each_batch(size, &block)
    groups = @cases.group_by do |version, case_|
      [version, *case_.values_at("config", "kind", "cookie_name")]
    end
    groups.flat_map { |_, group| group.each_slice(size).to_a }.each { |group| block.(lines(group)) }
  end

  private

  def read(path)
    version = File.basename(path, ".jsonl")
    cases = File.foreach(path).drop(1).map { |line| JSON.parse(line) }
    cookies = cases.select { |case_| %w[cookie session].include?(case_["layer"]) && wire(case_) }
    cookies.map { |case_| [version, case_] }
  end

  def wire(case_) = case_["wire_b64"]&.unpack1("m") || case_["wire"]

  def lines(group)
    version, first = group.first
    [edge(version, first)] + group.flat_map { |_, case_| questions(case_) }
  end

  def questions(case_)
    pair = "#{case_['cookie_name']}=#{escape(wire(case_))}"
    now = case_["now"] || "2026-08-22T00:00:00Z"
    UPSTREAMS.map do |upstream|
      {
        method: "GET", cookie: latin1("a=1; #{pair}; b"), upstream: upstream, now: now,
        set_cookies: [latin1("#{pair}; path=/; HttpOnly")]
      }
    end
  end

  def escape(bytes) = bytes.b.gsub(/[^A-Za-z0-9_.*-]/n) { |byte| format("%%%02X", byte.ord) }

  def edge(version, case_)
    config = case_["config"].dup
    own = {
      "BASE" => config.delete("secret_key_base"), "TOKEN" => config.delete("secret_token")
    }.compact
    secrets = { "BASE" => "of the release after it", **own }
    rotations = (config.delete("rotations") || {}).flat_map do |kind, list|
      list.map { |entry| rotation(kind, entry, secrets) }
    end
    references = {}
    references[:secret_key_base] = { env: "BASE" } if own["BASE"]
    references[:secret_token] = { env: "TOKEN" } if own["TOKEN"]
    app = {
      rails: version, load_defaults: "none", secrets: references, settings: config,
      rotations: rotations
    }
    {
      edge: { formats: { app: app, next: NEXT }, browser_format: "next", **kept(case_) },
      secret_bytes: secrets.transform_values { |secret| latin1(secret) }
    }
  end

  def kept(case_)
    name = case_["cookie_name"]
    if case_["kind"] == "signed_or_encrypted"
      rule = { session_path: ["session_id"], any_value: true }
      return { session: { name: name }, signed_in: [rule] }
    end

    { signed_in: [{ cookie: name, kind: case_["kind"], any_value: true }] }
  end

  def rotation(kind, entry, secrets)
    reference = lambda do |hex|
      next unless hex

      secrets["KEY#{secrets.length}"] = hex
      { env: "KEY#{secrets.length - 1}", encoding: "hex" }
    end
    {
      for: kind, digest: entry["digest"], cipher: entry["cipher"],
      key: reference.(entry["secret_hex"]), sign_key: reference.(entry["sign_secret_hex"])
    }.compact
  end
end

# Headers of genuine cookies, of either format, and of what becomes of them: cut, flipped, doubled,
# renamed, mixed with all sorts of bytes.
class RandomLines
  NOW = Time.utc(2026, 8, 22)
  NAMES = %w[_story _story _story remember_token theme user_credentials other].freeze
  SESSIONS = [
    {}, { "session_id" => "0f" }, { "session_id" => "0f", "user" => "ada" },
    { "user" => 7, "flash" => {} }, { "session_id" => "0e", "_csrf_token" => "c2FmZQ" },
    { "user" => nil, "list" => [1, 2.5, "é"] }
  ].freeze
  RAW = ActiveSupport::MessageEncryptor::NullSerializer
  KEY_DIGESTS = { "old" => "SHA1", "new" => "SHA256" }.freeze

  def initialize(count)
    @count = count
    @random = Random.new(1)
    @secret = "of the random headers"
  end

  def each_batch(size)
    choices = ["new", "old", nil].product(%w[pass strip expire])
    edges = choices.map { |format, policy| edge(format, policy) }
    @count.times.each_slice(size).with_index do |slice, index|
      yield [edges[index % edges.length]] + slice.map { question }
    end
  end

  private

  def edge(browser_format, policy)
    secrets = { secret_key_base: { env: "BASE" } }
    formats = {
      old: { rails: "6.1", settings: { cookies_serializer: "hybrid" }, secrets: secrets },
      new: { rails: "7.2", secrets: secrets }
    }
    settings = {
      formats: formats, browser_format: browser_format, session: { name: "_story" },
      cookies: [
        { name: "remember_token", kind: "signed" }, { name: "theme", kind: "encrypted" }
      ],
      signed_in: [{ session_path: ["user"] }, { preset: "devise" }],
      hints: [{ name: "user_credentials" }],
      policies: {
        unreadable: policy, rotated: pick(%w[pass reseal]), lossy: pick(%w[pass strip convert])
      },
      headers: { user: "X-User", scope: "X-Scope", cache: "X-Cache" }
    }.compact
    { edge: settings, secret_bytes: { "BASE" => @secret } }
  end

  def question
    {
      method: pick(%w[GET GET HEAD POST]), upstream: pick(["old", "new", nil]),
      now: NOW.iso8601, cookie: latin1(header),
      set_cookies: Array.new(@random.rand(4)) { latin1(set_cookie) }
    }
  end

  def header
    pairs = Array.new(@random.rand(1..5)) { pair }
    pairs.map { |text| text + pick(["; ", "; ", ";", ", ", " ;; "]).b }.join.delete_suffix("; ")
  end

  def set_cookie
    gone = "; expires=Thu, 01 Jan 1970 00:00:00 GMT"
    pair + pick(["; path=/", "", "; path=/; max-age=0", gone])
  end

  def pair
    name = pick(NAMES)
    text = "#{name}=#{mangle(value(name))}".b
    text.setbyte(@random.rand(text.bytesize), @random.rand(33..255)) if @random.rand(8).zero?
    text
  end

  def value(name)
    format = pick(KEY_DIGESTS.keys)
    expires = pick([nil, nil, NOW + 60, NOW - 60])
    content = name == "_story" ? member_or_not : pick(["ada", 7, { "of" => "ada" }, nil])
    case pick([name, name, name, pick(NAMES)])
    when "remember_token" then signed(format, name, content, expires)
    when "user_credentials", "other"
      pick(["1", "", "x%20y", @random.bytes(4).delete("\r\n\0")])
    else encrypted(format, name, content, expires)
    end
  end

  def member_or_not
    return pick(SESSIONS) if @random.rand(3).positive?

    { "session_id" => "0d", "warden.user.user.key" => [[@random.rand(99)], "$2a$12$"] }
  end

  # Sometimes a byte less, a bit less, or the same in another spelling.
  def mangle(value)
    case @random.rand(12)
    when 0 then value[0, @random.rand(value.length + 1)]
    when 1 then value.b.sub(/[^%]\z/n) { @random.rand(33..126).chr }
    when 2 then value.gsub("%", "%25")
    when 3 then CGI.unescape(value)
    else value
    end
  end

  def encrypted(format, name, content, expires)
    key = derive(format, "authenticated encrypted cookie", 32)
    encryptor = ActiveSupport::MessageEncryptor.new(key, cipher: "aes-256-gcm", serializer: RAW)
    CGI.escape(encryptor.encrypt_and_sign(dump(content), **metadata(name, expires)))
  end

  def signed(format, name, content, expires)
    key = derive(format, "signed cookie", 64)
    verifier = ActiveSupport::MessageVerifier.new(key, digest: "SHA1", serializer: RAW)
    CGI.escape(verifier.generate(dump(content), **metadata(name, expires)))
  end

  def dump(content) = pick([JSON, JSON, JSON, Marshal]).dump(content)

  def metadata(name, expires)
    { purpose: pick(["cookie.#{name}"] * 4 + [nil, "cookie.other"]), expires_at: expires }
  end

  def derive(format, salt, length)
    @keys ||= {}
    options = { salt: salt, iterations: 1000, length: length, hash: KEY_DIGESTS[format] }
    @keys[[format, salt]] ||= OpenSSL::KDF.pbkdf2_hmac(@secret, **options)
  end

  def pick(choices) = choices.sample(random: @random)
end
