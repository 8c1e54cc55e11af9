# Writes as_json.jsonl: values as Ruby dumps them, and as the installed Rails writes them in JSON.
#
#   ruby tests/marshal/as_json.rb > tests/marshal/as_json.jsonl

require "active_support/all"
require "action_dispatch"
require "bigdecimal"
require "ipaddr"
require "json"
require "ostruct"
require "pathname"
require "set"

Point = Struct.new(:x, :y)
class Empty; end

class User
  def initialize(id, name)
    @id = id
    @name = name
  end
end

class Dumped
  def _dump(_level) = "x"
  def self._load(_text) = new
end

def zone(name) = ActiveSupport::TimeZone[name]

shared = { "a" => ["x" * 80] }

VALUES = {
  "nil" => nil,
  "symbol" => :a,
  "symbol, not ASCII" => :é,
  "integer" => 2**70,
  "float" => 1e20,
  "NaN" => Float::NAN,
  "infinity" => -Float::INFINITY,
  "html" => "<&>",
  "latin-1" => "café".encode("ISO-8859-1"),
  "UTF-16" => "aé😀".encode("UTF-16LE"),
  "binary, ASCII" => "abc".b,
  "binary" => "\xff".b,
  "not UTF-8" => "\xff",
  "time" => Time.utc(2026, 1, 2, 3, 4, 5, 678_901),
  "time with offset" => Time.new(2026, 1, 2, 3, 4, 5, "-05:30"),
  "time before 1900" => Time.utc(1850, 6, 7),
  "time before Christ" => Time.utc(-1, 1, 1),
  "time far off" => Time.utc(12_026, 1, 1),
  "time with zone" => zone("Tokyo").local(2026, 7, 1, 12),
  "time in UTC" => zone("UTC").local(2026, 7, 1, 12),
  "time in London, winter" => zone("London").local(2026, 1, 1, 12),
  "date" => Date.new(2026, 2, 28),
  "date, Julian" => Date.new(1500, 1, 1),
  "date before Christ" => Date.new(-1, 1, 1),
  "datetime" => DateTime.new(2026, 2, 28, 1, 2, Rational(7, 2), "+09:00"),
  "datetime, exact" => DateTime.new(2026, 2, 28, 1, 2, Rational(10, 3)),
  "decimal" => BigDecimal("123.45"),
  "decimal, large" => BigDecimal("1e30"),
  "decimal, small" => BigDecimal("-0.000001"),
  "decimal, minus zero" => BigDecimal("-0"),
  "decimal, NaN" => BigDecimal("NaN"),
  "rational" => Rational(-3, 4),
  "complex" => Complex(1, -2.5),
  "range" => (1..10),
  "range of text" => ("a"..."z"),
  "range, endless" => (1..),
  "range, beginless" => (..5),
  "range of symbols" => (:a..:b),
  "range of times" => (Time.utc(2026)..Time.utc(2027)),
  "range of dates" => (Date.new(2026, 1, 1)..Date.new(2026, 1, 2)),
  "set" => Set[1, :a, [2]],
  "regexp" => /ab+c/,
  "regexp with options" => %r{a.b/c\d}imx,
  "uri" => URI("https://example.com:8443/p?q=1#f"),
  "uri with user" => URI("http://me:pw@example.com/"),
  "uri, opaque" => URI("mailto:me@example.com"),
  "ip address" => IPAddr.new("192.168.1.0/24"),
  "ip address, v6" => IPAddr.new("2001:db8::1"),
  "pathname" => Pathname.new("/tmp/x"),
  "struct" => Point.new(1, :z),
  "object, empty" => Empty.new,
  "object" => User.new(1, "Ann"),
  "object in object" => User.new(User.new(nil, []), { a: 1 }),
  "exception" => StandardError.new("m"),
  "class" => String,
  "duration" => 2.hours + 5.minutes,
  "duration, float" => 1.5.days,
  "duration, negative float" => -0.75.seconds,
  "duration, very long" => 1e30.seconds,
  "duration, fraction" => Rational(-7, 2).seconds,
  "month" => 1.month,
  "openstruct" => OpenStruct.new(a: 1),
  "indifferent" => ActiveSupport::HashWithIndifferentAccess.new(a: { b: 1 }),
  "safe buffer" => "<b>".html_safe,
  "string with variables" => "x".dup.tap { |text| text.instance_variable_set(:@a, 1) },
  "keys" => { nil => 1, :a => 2, 1 => 3, 2.5 => 4, Time.utc(2026) => 5, true => 6, (1..2) => 7,
              Date.new(2026) => 8, BigDecimal("1.5") => 9, String => 10, :"é" => 11 },
  "keys that become one" => { 1 => "a", "b" => 2, "1" => "c" },
  "identity" => {}.compare_by_identity.merge!("a" => 1),
  "default" => Hash.new(5).merge!("a" => 1),
  "shared" => [shared, shared, shared["a"]],
  "session" => { "user_id" => 7, :at => Time.utc(2026, 1, 1), "cart" => [{ sku: "A", price: BigDecimal("9.99") }] },
  # Where railjar differs.
  "keys that are collections" => { [1] => 2 },
  "time zone" => zone("Tokyo"),
  "dumped by itself" => Dumped.new,
  "regexp in a group" => /(?i:ab)/,
  "flash" => ActionDispatch::Flash::FlashHash.new.tap { |flash| flash[:notice] = "hi" }
}.freeze

VALUES.each do |name, value|
  json = begin
    value.to_json
  rescue StandardError => e
    e.class.name
  end
  json = "…" if json.length > 1000
  puts JSON.generate({ name:, hex: Marshal.dump(value).unpack1("H*"), json: })
end
