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
    modules = @stage.modules("worker-parity", "--features", "parity")
    @worker = @stage.worker("parity", "127.0.0.1:9", nil, modules: modules)
    @stage.runtime("parity", @worker)
    compare("corpus", CorpusLines.new(CORPUS))
    compare("random headers", RandomLines.new(RANDOM))
  end

  private

  def compare(what, lines)
    verdicts = Hash.new(0)
    lines.each_batch(AT_ONCE) do |batch|
      text = batch.map(&:to_json).join("\n")
      ours, theirs = [native(text), worker(text)].map { |answers| answers.lines(chomp: true) }
      same?("#{what}: answers", batch.length, ours.length, text[0, 200])
      batch.zip(ours, theirs) do |line, our, their|
        next unless line.key?(:cookie)

        same?(what, our, their, line.to_json)
        answer = JSON.parse(our)
        verdicts[answer["verdict"] || our] += 1
        verdicts["sealed again"] += 1 if answer["cookie"].is_a?(Array)
      end
    end
    puts "#{what}: #{verdicts.sort.map { |verdict, count| "#{count} #{verdict}" }.join(', ')}"
  end

  def same?(...) = @stage.checks.same?(...)

  def native(text)
    manifest = File.join(CRATE, "Cargo.toml")
    command = %w[cargo run --quiet --locked --example parity --features parity --manifest-path] + [manifest]
    @native ||= begin
      system("cargo", "build", *command.drop(2), out: :err) || abort("the native example does not build")
      File.join(ENV.fetch("CARGO_TARGET_DIR", File.join(CRATE, "target")), "debug/examples/parity")
    end
    Open3.capture2(@native, stdin_data: text).first
  end

  def worker(text)
    Net::HTTP.start("127.0.0.1", @worker.port, read_timeout: 300) do |http|
      http.post("/railjar/parity", text).body
    end
  end
end

# Bytes as the lines have them: a text of characters up to U+00FF.
def latin1(bytes) = bytes.b.force_encoding("ISO-8859-1").encode("UTF-8")

# Every cookie of the corpus before the app that it was written for, before a newer one with the same
# secret, and before one that nobody knows.
class CorpusLines
  NEXT = { rails: "7.2", secrets: { secret_key_base: { env: "BASE" } } }.freeze

  def initialize(folder)
    @folder = folder
  end

  def each_batch(size, &block)
    cases = Dir[File.join(@folder, "*.jsonl")].sort.flat_map { |path| read(path) }
    groups = cases.group_by { |version, case_| [version, case_["config"], case_["kind"], case_["cookie_name"]] }
    groups.flat_map { |_, group| group.each_slice(size).to_a }.each { |group| block.(lines(group)) }
  end

  private

  def read(path)
    version = File.basename(path, ".jsonl")
    cases = File.foreach(path).drop(1).map { |line| JSON.parse(line) }
    cases.select { |case_| %w[cookie session].include?(case_["layer"]) && wire(case_) }.map { |case_| [version, case_] }
  end

  def wire(case_) = case_["wire_b64"]&.unpack1("m") || case_["wire"]

  def lines(group)
    version, first = group.first
    [edge(version, first)] + group.flat_map { |_, case_| questions(case_) }
  end

  def questions(case_)
    pair = "#{case_['cookie_name']}=#{escape(wire(case_))}"
    now = case_["now"] || "2026-08-22T00:00:00Z"
    ["app", "next", nil].map do |upstream|
      {
        method: "GET", cookie: latin1("a=1; #{pair}; b"), upstream: upstream, now: now,
        set_cookies: [latin1("#{pair}; path=/; HttpOnly")]
      }
    end
  end

  def escape(bytes) = bytes.b.gsub(/[^A-Za-z0-9_.*-]/n) { |byte| format("%%%02X", byte.ord) }

  def edge(version, case_)
    config = case_["config"].dup
    secrets = { "BASE" => config.delete("secret_key_base") || "", "TOKEN" => config.delete("secret_token") }.compact
    rotations = (config.delete("rotations") || {}).flat_map do |kind, list|
      list.map { |entry| rotation(kind, entry, secrets) }
    end
    references = {}
    references[:secret_key_base] = { env: "BASE" } unless secrets["BASE"].empty?
    references[:secret_token] = { env: "TOKEN" } if secrets["TOKEN"]
    app = { rails: version, load_defaults: "none", secrets: references, settings: config, rotations: rotations }
    {
      edge: { formats: { app: app, next: NEXT }, browser_format: "next", **kept(case_) },
      secret_bytes: secrets.transform_values { |secret| latin1(secret) }
    }
  end

  def kept(case_)
    name = case_["cookie_name"]
    if case_["kind"] == "signed_or_encrypted"
      return { session: { name: name }, signed_in: [{ session_path: ["session_id"], any_value: true }] }
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
      for: kind, key: reference.(entry["secret_hex"]), sign_key: reference.(entry["sign_secret_hex"]),
      digest: entry["digest"], cipher: entry["cipher"]
    }.compact
  end
end

# Headers of genuine cookies, of either format, and of what becomes of them: cut, flipped, doubled,
# renamed, mixed with all sorts of bytes.
class RandomLines
  NOW = Time.utc(2026, 8, 22)
  NAMES = %w[_story remember_token theme user_credentials other].freeze
  SESSIONS = [
    {}, { "session_id" => "0f" }, { "session_id" => "0f", "user" => "ada" }, { "user" => 7, "flash" => {} },
    { "session_id" => "0e", "_csrf_token" => "c2FmZQ" }, { "user" => nil, "list" => [1, 2.5, "é"] }
  ].freeze
  KEY_DIGESTS = { "old" => "SHA1", "new" => "SHA256" }.freeze

  def initialize(count)
    @count = count
    @random = Random.new(1)
    @secret = "of the random headers"
  end

  def each_batch(size)
    edges = ["new", "old", nil].product(%w[pass strip expire]).map { |format, policy| edge(format, policy) }
    @count.times.each_slice(size).with_index do |slice, index|
      yield [edges[index % edges.length]] + slice.map { question }
    end
  end

  private

  def edge(browser_format, policy)
    formats = { old: { rails: "6.1", settings: { cookies_serializer: "hybrid" } }, new: { rails: "7.2" } }
    formats = formats.transform_values { |app| { **app, secrets: { secret_key_base: { env: "BASE" } } } }
    settings = {
      formats: formats, browser_format: browser_format, session: { name: "_story" },
      cookies: [{ name: "remember_token", kind: "signed" }, { name: "theme", kind: "encrypted" }],
      signed_in: [{ session_path: ["user"] }, { preset: "devise" }], hints: [{ name: "user_credentials" }],
      policies: { unreadable: policy, rotated: pick(%w[pass reseal]), lossy: pick(%w[pass strip convert]) },
      headers: { user: "X-User", scope: "X-Scope", cache: "X-Cache" }
    }.compact
    { edge: settings, secret_bytes: { "BASE" => @secret } }
  end

  def question
    {
      method: pick(%w[GET GET HEAD POST]), upstream: pick(["old", "new", nil]), now: NOW.iso8601,
      cookie: latin1(header), set_cookies: Array.new(@random.rand(4)) { latin1(set_cookie) }
    }
  end

  def header
    pairs = Array.new(@random.rand(5)) { pair }
    pairs.map { |text| text + pick(["; ", "; ", ";", ", ", " ;; "]).b }.join.delete_suffix("; ")
  end

  def set_cookie = pair + pick(["; path=/", "", "; path=/; max-age=0", "; expires=Thu, 01 Jan 1970 00:00:00 GMT"])

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
    when "user_credentials", "other" then pick(["1", "", "x%20y", @random.bytes(4).delete("\r\n\0")])
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
    when 1 then value.b.tap { |bytes| bytes.setbyte(@random.rand(bytes.bytesize), @random.rand(33..126)) unless bytes.empty? }
    when 2 then value.gsub("%", "%25")
    when 3 then CGI.unescape(value)
    else value
    end
  end

  def encrypted(format, name, content, expires)
    key = derive(format, "authenticated encrypted cookie", 32)
    encryptor = ActiveSupport::MessageEncryptor.new(key, cipher: "aes-256-gcm", serializer: ActiveSupport::MessageEncryptor::NullSerializer)
    CGI.escape(encryptor.encrypt_and_sign(dump(content), **metadata(name, expires)))
  end

  def signed(format, name, content, expires)
    key = derive(format, "signed cookie", 64)
    verifier = ActiveSupport::MessageVerifier.new(key, digest: "SHA1", serializer: ActiveSupport::MessageEncryptor::NullSerializer)
    CGI.escape(verifier.generate(dump(content), **metadata(name, expires)))
  end

  def dump(content) = pick([JSON, JSON, JSON, Marshal]).dump(content)

  def metadata(name, expires) = { purpose: pick(["cookie.#{name}"] * 4 + [nil, "cookie.other"]), expires_at: expires }

  def derive(format, salt, length)
    @keys ||= {}
    @keys[[format, salt]] ||= OpenSSL::KDF.pbkdf2_hmac(@secret, salt: salt, iterations: 1000, length: length, hash: KEY_DIGESTS[format])
  end

  def pick(choices) = choices.sample(random: @random)
end
