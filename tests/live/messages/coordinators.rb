# ActiveSupport::MessageVerifiers and MessageEncryptors (7.1 and later): codecs by their salts, with
# rotations that all of them share.

require_relative "../random_cases"
require_relative "subject"

class Coordinator < Subject
  SALTS = ["tokens", "é", ""].freeze
  KEPT = 50

  private

  # Few apps, as keys are kept for each.
  def random_case
    @apps ||= Array.new(KEPT) { app }
    app = one_of(*@apps)
    purpose = one_of(nil, nil, "login", "é")
    expires_at = one_in?(3) ? "2026-03-0#{1 + @random.rand(4)}T0#{@random.rand(10)}:00:00.000Z" : nil
    writer = @random.rand(app["rotations"].length)
    about = { "salt" => one_of(*SALTS), "app" => app, "writer" => writer }
    # Never nil, which is what an encryptor gives for what is expired or for another purpose.
    { **about, "purpose" => purpose, "expires_at" => expires_at, "value" => [value] }
  end

  def app
    rotations = Array.new(1 + @random.rand(3)) { rotation }.uniq
    settings = { "use_message_serializer_for_metadata" => one_in?(2) }
    { "rotations" => rotations, "transitional" => one_in?(3), **settings }
  end

  def rotation
    options = { "serializer" => one_of(*RealRails::COOKIES_SERIALIZERS - ["hybrid"]) }
    options["digest"] = one_of("SHA1", "SHA256", "SHA512") if one_in?(2)
    options["url_safe"] = true if one_in?(3)
    options["force_legacy_metadata_serializer"] = true if one_in?(4)
    options
  end

  # The codec of an app, or of one of its rotations alone.
  def codec(kase, rotations = kase["app"]["rotations"], transitional: kase["app"]["transitional"])
    RealRails.message_settings(kase["app"])
    @codecs ||= {}
    @codecs[[rotations, transitional, kase["salt"]]] ||= begin
      rotated = coordinator
      rotated.on_rotation { @rotated = true }
      rotations.each { |options| rotated.rotate(**symbols(options)) }
      rotated.transitional = transitional
      rotated[kase["salt"]]
    end
  end

  def symbols(options)
    options = options.transform_keys(&:to_sym)
    { **options, serializer: options[:serializer].to_sym }
  end

  def request(kase)
    rotations, transitional = kase["app"].values_at("rotations", "transitional")
    config = { "salt" => kase["salt"], "rotations" => rotations, "transitional" => transitional }
    config.update(kase["app"].slice("use_message_serializer_for_metadata"))
    config["secret_generator"] = generator
    { **kase.slice("purpose", "expires_at").compact, **layer, "config" => config }
  end

  def check_all(cases)
    opens = cases.map do |kase|
      only = kase["app"]["rotations"].slice(kase["writer"], 1)
      wire = RealRails::Clock.at(NOW) do
        expires_at = kase["expires_at"]&.then { |at| Time.iso8601(at) }
        metadata = { purpose: kase["purpose"], expires_at: expires_at }.compact
        write(codec(kase, only, transitional: false), kase["value"], metadata)
      end
      { **request(kase), "op" => "open", "wire" => wire }
    end
    cases.zip(ask(opens), opens) { |kase, answer, request| read_alike(kase, answer, request) }

    seals = cases.map { |kase| { **request(kase), "op" => "seal", "value" => kase["value"] } }
    cases.zip(ask(seals), seals) do |kase, answer, request|
      value, = by_rails(kase, answer["wire"].to_s)
      fresh = kase["expires_at"].nil? || kase["expires_at"] > NOW
      what = "written by railjar, #{fresh ? "read" : "refused"} by Rails"
      same?(what, (kase["value"] if fresh), value, [request, answer])
    end
  end

  def read_alike(kase, answer, request)
    value, rotated = by_rails(kase, request["wire"])
    opened = !value.nil?
    same?("written by Rails, #{opened ? "read" : "refused"}", opened, answer["result"] == "ok", [request, answer])
    return unless opened

    same?("its value", value, answer["value"], [request, answer])
    # 7.2.2.2 does not try the other base64 alphabet, 7.2.3.2 does.
    return if other_alphabet?(kase) && RealRails::VERSION == "7.2"

    same?("whether by a rotation", rotated, answer["matched"] != "primary", [request, answer])
  end

  # Whether what wrote it has another alphabet than what writes now.
  def other_alphabet?(kase)
    alphabets = kase["app"]["rotations"].map { |options| options["url_safe"] }
    now = kase["app"]["transitional"] ? alphabets.first(2).last : alphabets.first
    now != alphabets[kase["writer"]]
  end

  # What Rails reads, nil if nothing, and whether by a rotation.
  def by_rails(kase, wire)
    @rotated = false
    value = RealRails::Clock.at(NOW) { read(codec(kase), wire, kase["purpose"]) }
    [value, @rotated]
  rescue StandardError
    [nil, false]
  end
end

class Verifiers < Coordinator
  private

  def layer = { "layer" => "message_verifiers", "kind" => "signed" }
  def generator = "SHA512(\"tokens/\" + salt)"

  def coordinator
    ActiveSupport::MessageVerifiers.new { |salt| Digest::SHA512.digest("tokens/#{salt}") }
  end

  def write(codec, value, metadata) = codec.generate(value, **metadata)

  def read(codec, wire, purpose) = codec.verify(wire, purpose: purpose)
end

class Encryptors < Coordinator
  private

  def layer = { "layer" => "message_encryptors", "kind" => "encrypted" }
  def generator = "SHA512(\"tokens/\" + salt)[0, length]"
  def rotation = { **super, "cipher" => one_of("aes-256-gcm", "aes-128-gcm", "aes-256-cbc") }

  def coordinator
    ActiveSupport::MessageEncryptors.new do |salt, secret_length:|
      Digest::SHA512.digest("tokens/#{salt}")[0, secret_length]
    end
  end

  def write(codec, value, metadata) = codec.encrypt_and_sign(value, **metadata)

  def read(codec, wire, purpose) = codec.decrypt_and_verify(wire, purpose: purpose)
end
