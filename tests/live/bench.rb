# How fast real Rails opens: the Ruby counterpart of `railjar pipe`. Reads the same request lines
# (corpus cases of the layers cookie, session and message), answers each on standard output, and
# says on standard error how many lines a second that were.
#
#   ruby tests/live/bench.rb < lines > /dev/null
#
# Jars, codecs and keys are made once per config and kept, which is kinder than a Rails server: that
# makes its jars for every request. The time to make them is told apart.

require_relative "real_rails"

# What opens the requests of one config and kind: answers `call(name, wire, purpose)`.
class Opener
  def self.for(request)
    config = request["config"]
    signed = request["kind"] == "signed"
    return cookies(config, signed) unless request["layer"] == "message"
    RealRails.message_settings(config)
    codec = RealRails.codec(config)
    open = codec.method(signed ? :verify : :decrypt_and_verify)
    ->(_, wire, purpose) { RealRails.message_settings(config); open.call(wire, purpose: purpose) }
  end

  def self.cookies(config, signed)
    jar = RealRails::Cookies.new(config).jar
    child = signed ? jar.signed : jar.encrypted
    lambda do |name, wire, _|
      jar.update(name => wire)
      child[name]
    end
  end
end

def seconds = Process.clock_gettime(Process::CLOCK_MONOTONIC)

openers = {}
making = opening = 0.0
count = 0
started = seconds

while (line = $stdin.gets)
  request = JSON.parse(line, max_nesting: false)
  next unless request["wire"] || request["wire_b64"] # a header line, say

  before = seconds
  answer = begin
    opener = openers[request.values_at("layer", "kind", "config")] ||= Opener.for(request)
    made = seconds
    name, purpose = request.values_at("cookie_name", "purpose")
    RealRails::Clock.at(request["now"]) do
      RealRails.opened(opener.call(name, RealRails.wire(request), purpose))
    end
  rescue RealRails::BadRequest => error
    { "result" => "error", "message" => error.message }
  rescue StandardError => error
    { "result" => "raise", "class" => error.class.name }
  end
  opened = seconds
  made ||= opened
  making += made - before
  opening += opened - made
  made = nil
  count += 1
  puts JSON.generate({ "id" => request["id"], **answer }, max_nesting: false)
end

total = seconds - started
warn format(
  "Rails %s, Ruby %s: %d lines, %.0f a second (%.0f a second for opening alone); " \
  "%d jars and their keys took another %.3f s",
  ActiveSupport.version, RUBY_VERSION, count, count / (total - making), count / opening,
  openers.size, making
)
