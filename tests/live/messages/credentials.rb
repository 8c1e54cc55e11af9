# Encrypted files, as `config/credentials.yml.enc` is one: ActiveSupport::EncryptedConfiguration.

require "active_support/encrypted_configuration"
require "tmpdir"
require_relative "subject"

class Credentials < Subject
  def check(count)
    Dir.mktmpdir do |folder|
      @path = File.join(folder, "credentials.yml.enc")
      @key_path = File.join(folder, "master.key")
      super
    end
  end

  private

  def random_case
    yaml = one_in?(10) ? "" : { "secret_key_base" => hex(64), "other" => value }.to_yaml
    key = hex(16)
    key = key.upcase if one_in?(4)
    { key: key, yaml: yaml, encoding: one_of("UTF-8", "ASCII-8BIT") }
  end

  def file(kase)
    File.write(@key_path, one_in?(2) ? kase[:key] : "#{kase[:key]}\n")
    ActiveSupport::EncryptedConfiguration.new(
      config_path: @path, key_path: @key_path, env_key: "NO_SUCH_KEY", raise_if_missing_key: true
    )
  end

  def check_all(cases)
    about = cases.map { |kase| { "layer" => "credentials", "config" => { "key" => kase[:key] } } }
    opens = cases.zip(about).map do |kase, request|
      file(kase).write(kase[:yaml].dup.force_encoding(kase[:encoding]))
      { **request, "op" => "open", "wire" => File.read(@path) }
    end
    cases.zip(ask(opens), opens) do |kase, answer, request|
      content = answer["content_b64"]&.unpack1("m")
      same?("written by Rails, read by railjar", kase[:yaml].b, content, [request, answer])
    end

    seals = cases.zip(about).map do |kase, request|
      content = { "content_b64" => [kase[:yaml]].pack("m0"), "read_encoding" => kase[:encoding] }
      { **request, "op" => "seal", **content }
    end
    cases.zip(ask(seals), seals) do |kase, answer, request|
      File.write(@path, answer["wire"].to_s)
      read = rails { file(kase).read }
      expected = [kase[:yaml].b, kase[:encoding]]
      read = [read.b, read.encoding.name]
      same?("written by railjar, read by Rails", expected, read, [request, answer])
      settings = YAML.unsafe_load(kase[:yaml]) || {}
      loaded = rails { file(kase).config[:secret_key_base] }
      same?("its configuration", settings["secret_key_base"], loaded, request)
    end
  end
end
