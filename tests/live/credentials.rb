# Encrypted credentials, both ways, between `railjar credentials` and the Rails that is installed;
# and what Ruby finds in their YAML beside what railjar finds.
#
#   ruby tests/live/credentials.rb [RAILJAR]
#
# RAILJAR is the debug build unless it is said. RAILS_LIB names another Rails, as in real_rails.rb.

ENV["RAILS_LIB"].to_s.split(":").reverse_each { |lib| $LOAD_PATH.unshift(lib) }

require "logger" # before ActiveSupport: old ones forget it
require "active_support"
require "active_support/all"
require "active_support/encrypted_configuration"
require "open3"
require "tmpdir"

ROOT = File.expand_path("../..", __dir__)
TARGET = ENV.fetch("CARGO_TARGET_DIR", File.join(ROOT, "target"))
RAILJAR = ARGV[0] || File.join(TARGET, "debug/railjar")
%w[RAILS_MASTER_KEY SECRET_KEY_BASE RAILS_ENV RACK_ENV VISUAL EDITOR].each { |name| ENV.delete(name) }

@checked = 0
@wrong = []

def check(what, expected, actual)
  @checked += 1
  @wrong << "#{what}\n  expected #{expected.inspect}\n  got      #{actual.inspect}" if expected != actual
end

def railjar(*arguments, input: "", env: {})
  Open3.capture3(env, RAILJAR, *arguments, stdin_data: input, binmode: true)
end

def rails(path, key_path)
  ActiveSupport::EncryptedConfiguration.new(
    config_path: path, key_path: key_path, env_key: "RAILS_MASTER_KEY", raise_if_missing_key: true,
  )
end

TEXTS = [
  "secret_key_base: 0f8d\n", "# é\nsecret_key_base: \"é\"\nlong: #{"x" * 70_000}\n", "secret_key_base: a", "a: 1\n\n",
].freeze

def both_ways(folder, path, key_path)
  TEXTS.each do |text|
    _, error, status = railjar("credentials", "write", folder, input: text)
    check("written: #{error}", true, status.success?)
    check("read by Rails", text.b, rails(path, key_path).read.b)
    check("its configuration", YAML.load(text)["secret_key_base"], rails(path, key_path).config[:secret_key_base])

    rails(path, key_path).write(text)
    check("written by Rails", text.b, railjar("credentials", "show", folder)[0])
    rails(path, key_path).change { |file| file.binwrite("#{file.binread}\nmore: 1\n") }
    check("changed in Rails", "#{text}\nmore: 1\n".b, railjar("credentials", "show", folder)[0])

    editor = %q(sh -c 'printf "edited: 1\n" >> "$0"')
    _, error, status = railjar("credentials", "edit", folder, env: { "EDITOR" => editor })
    check("edited: #{error}", true, status.success?)
    check("edited, read by Rails", 1, rails(path, key_path).config[:edited])
  end
end

# Scalars, and what contains them.
YAMLS = %w[
  12345 1_000 0x1f 0b11 017 1:30 1:30:20 2001-01-01 true Yes on off ~ null NULL :sym .inf -.inf .NaN 1.5 1,000 +12 -3 1.
  .5 12e4 5e 00ff 123abc 12345e67890 y n "12" '12' !!str\ 12 1.5e+3 deadbeef "a\\tb" [a] {a:\ b}
].map { |scalar| "secret_key_base: #{scalar}\n" } + [
  ":secret_key_base: a\n", "secret_key_base: 1\nsecret_key_base: b\n", "a: &x c\nsecret_key_base: *x\n",
  "a: &x\n  secret_key_base: d\n<<: *x\n", "a: &x\n  secret_key_base: d\nsecret_key_base: e\n<<: *x\n",
  "a: &x\n  secret_key_base: d\n<<: *x\nsecret_key_base: e\n", "secret_key_base: |\n  f\n", "secret_key_base: >-\n  f\n  g\n",
  "a: &x\n  secret_key_base: h\nb: &y\n  secret_key_base: i\n<<: [*x, *y]\n", "---\nsecret_key_base: j\n---\nsecret_key_base: k\n",
]

# The same key is derived from what railjar finds as from what Ruby finds.
def same_secret(folder, path, key_path)
  keys = ->(*from) { railjar("keys", "--rails", "7.1", *from)[0] }
  YAMLS.each do |yaml|
    railjar("credentials", "write", folder, input: yaml)
    ruby = YAML.unsafe_load(rails(path, key_path).read).transform_keys(&:to_sym)[:secret_key_base]
    expected = ruby.is_a?(String) ? keys.call("--secret-file", File.join(folder, "secret").tap { |file| File.binwrite(file, "#{ruby}\n") }) : ""
    check("the secret of #{yaml.inspect}", expected, keys.call("--secrets-from-credentials", folder))
  end
end

Dir.mktmpdir do |folder|
  path, key_path = File.join(folder, "credentials.yml.enc"), File.join(folder, "master.key")
  _, error, status = railjar("credentials", "write", folder, "--new", input: "new: 1\n")
  check("new: #{error}", true, status.success?)
  check("new, read by Rails", 1, rails(path, key_path).config[:new])
  both_ways(folder, path, key_path)
  same_secret(folder, path, key_path)
end

puts @wrong.first(20)
abort "#{@wrong.length} of #{@checked} differ from Rails #{ActiveSupport.version}" unless @wrong.empty?
puts "credentials: #{@checked} checks, none differ from Rails #{ActiveSupport.version}"
