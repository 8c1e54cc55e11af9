# The live cross-check of Marshal: random values, both ways, between the installed Ruby (with Active
# Support) and `examples/serializer_echo`.
#
#   ruby tests/live/marshal.rb [COUNT] [SEED]
#
# Ruby dumps and railjar writes the same bytes again, and shows plain values with the same inspect.
# railjar writes random values and Ruby loads them, with the same inspect.

require_relative "rails_lib"
require_relative "random_values"
require_relative "serializer_check"

check = SerializerCheck.new("marshal", ARGV)

values = RandomValues.for_marshal(check.random)
cases = Array.new(check.count) do
  value, plain = values.next
  [Marshal.dump(value), plain ? SerializerCheck.shown(value) : nil]
end
cases.zip(check.answers(cases.map(&:first))) do |(dump, inspect), (written, shown)|
  check.same?("written again as Ruby dumped it", dump, written, dump.unpack1("H*"))
  check.same?("shown as Ruby shows it", inspect, shown, dump.unpack1("H*")) if inspect
end

check.written do |dump, shown|
  loaded = begin
    SerializerCheck.shown(Marshal.load(dump))
  rescue StandardError => e
    "#{e.class}: #{e.message}"
  end
  check.same?("loaded by Ruby as railjar shows it", shown, loaded, dump.unpack1("H*"))
end

check.report
