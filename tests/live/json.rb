# The live cross-check of JSON: random values and texts, both ways, between the ActiveSupport::JSON of
# the Rails that is installed and `examples/serializer_echo`.
#
#   ruby tests/live/json.rb [COUNT] [SEED]
#
# What Rails encodes railjar reads, shows as Ruby shows what Rails decodes, and writes as the same
# text again. What railjar writes Rails decodes, and encodes as the same text again. What Rails makes
# of a Ruby value (`to_json`) railjar makes of its Marshal dump. And of random texts, many of which
# are no JSON, railjar reads the same as Rails.

require_relative "rails_lib"
require_relative "random_values"
require_relative "random_json"
require_relative "serializer_check"

check = SerializerCheck.new("json", ARGV)
json = ActiveSupport::JSON

# Nil where Rails raises.
def attempt
  yield
rescue StandardError
  nil
end

values = RandomValues.for_json(check.random)
texts = Array.new(check.count) { json.encode(values.next.first) }
texts.zip(check.answers(texts)) do |text, (written, shown)|
  check.same?("by Rails, then railjar: written again", text.b, written, text)
  check.same?("by Rails, then railjar: shown", SerializerCheck.shown(json.decode(text)), shown, text)
end

check.written do |text, shown|
  text = text.dup.force_encoding(Encoding::UTF_8)
  value = json.decode(text)
  check.same?("by railjar, then Rails: written again", text, json.encode(value), text)
  check.same?("by railjar, then Rails: shown", SerializerCheck.shown(value), shown, text)
end

values = RandomValues.for_to_json(check.random)
cases = Array.new(check.count) do
  value = values.next.first
  [Marshal.dump(value), attempt { json.encode(value) }]
end
cases.zip(check.answers(cases.map(&:first), "marshal_to_json")) do |(dump, text), (written, _)|
  written = nil if written.start_with?("error: ")
  # Rails writes keys twice that were equal in two encodings, and reads the last.
  text = json.encode(json.decode(text)).b if text
  check.same?("to_json of a Marshal value", text, written, dump.unpack1("H*"))
end

random = RandomJson.new(check.random)
texts = Array.new(check.count) { random.next }
texts.zip(check.answers(texts)) do |text, (written, shown)|
  expected = attempt { SerializerCheck.shown(json.decode(text)) }
  shown = nil if written.start_with?("error: ")
  # Which characters are assigned, and so shown, depends on the Unicode that Ruby has.
  next if RandomJson.difference?(text, shown) || expected&.include?("\\u{")

  check.same?(expected ? "any text: read as by Rails" : "any text: refused", expected, shown, text)
end

check.report
