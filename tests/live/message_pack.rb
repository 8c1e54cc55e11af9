# The live cross-check of MessagePack: random values, both ways, between the ActiveSupport::MessagePack
# of Rails 7.2 and `examples/serializer_echo`. It needs the msgpack gem, 1.7 or later.
#
#   ruby tests/live/message_pack.rb [COUNT] [SEED]
#
# What Rails dumps railjar reads, writes as the same bytes again, and shows as Ruby shows what Rails
# loads. What railjar writes Rails loads, and dumps as the same bytes again. What railjar writes in
# Marshal Ruby loads as Rails loads it from MessagePack.

require_relative "rails_lib"
require_relative "random_values"
require "active_support/message_pack"
require_relative "serializer_check"

check = SerializerCheck.new("message_pack", ARGV)
rails = ActiveSupport::MessagePack

# Whether railjar shows a value as Ruby does. It knows neither the abbreviations of zones nor the
# classes of URIs, and shows what it knows.
def plain?(value)
  case value
  when Array, Set then value.all? { |element| plain?(element) }
  when Hash then value.all? { |pair| plain?(pair) }
  when ActiveSupport::TimeWithZone, ActiveSupport::TimeZone, URI::Generic, IPAddr then false
  else true
  end
end

def compare(check, who, bytes, again, loaded, shown)
  about = bytes.unpack1("H*")
  check.same?("#{who}: written again", bytes, again, about)
  check.same?("#{who}: shown", SerializerCheck.shown(loaded), shown, about) if plain?(loaded)
end

# As Rails dumps what it loads: once loaded, keys that were equal in two encodings are one.
values = RandomValues.for_message_pack(check.random)
dumps = Array.new(check.count) { rails.dump(rails.load(rails.dump(values.next.first))) }
dumps.zip(check.answers(dumps)) do |dump, (written, shown)|
  compare(check, "by Rails, then railjar", dump, written, rails.load(dump), shown)
end

check.written do |dump, shown|
  loaded = rails.load(dump)
  compare(check, "by railjar, then Rails", dump, rails.dump(loaded), loaded, shown)
rescue StandardError => error
  check.same?("by railjar, then Rails: written again", dump, error, dump.unpack1("H*"))
end

# Of these Marshal has more than MessagePack.
def in_marshal?(value)
  case value
  when Regexp then value.source.ascii_only?
  when Range then in_marshal?([value.begin, value.end])
  when Array, Set then value.all? { |element| in_marshal?(element) }
  when Hash then value.all? { |pair| in_marshal?(pair) }
  else plain?(value)
  end
end

expressions = ['\h+\R', '\u00e9', '\u{41 e9}', '\p{Alpha}\d', '\xe9', '\\\\u00e9', '[\w/]'].map do |source|
  rails.dump(Regexp.new(source.b))
end
(dumps + expressions).then { |all| all.zip(check.answers(all, "message_pack_to_marshal")) }.each do |dump, (written, _)|
  loaded = rails.load(dump)
  next unless in_marshal?(loaded)

  again = written.start_with?("error") ? written : Marshal.load(written).inspect
  check.same?("in Marshal", loaded.inspect, again, dump.unpack1("H*"))
end

check.report
