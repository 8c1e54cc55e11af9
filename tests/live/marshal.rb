# The live cross-check of Marshal: random values, both ways, between the installed Ruby (with Active
# Support) and `examples/marshal_echo.rs`.
#
#   ruby tests/live/marshal.rb [COUNT] [SEED] [ECHO…]
#
# Ruby dumps and railjar writes the same bytes again, and shows plain values with the same inspect.
# railjar writes random values and Ruby loads them, with the same inspect. ECHO is the command to
# run, `target/debug/examples/marshal_echo` unless it is said.

require "active_support/all"
require "bigdecimal"
require "ipaddr"
require "open3"
require "ostruct"
require "pathname"
require "set"

COUNT = Integer(ARGV[0] || 1000)
SEED = Integer(ARGV[1] || Random.new_seed % 1_000_000)
ROOT = File.expand_path("../..", __dir__)
ECHO = ARGV.length > 2 ? ARGV[2..] : [File.join(ROOT, "target/debug/examples/marshal_echo")]

Point = Struct.new(:x, :y)
module Extension; end
class TextSub < String; end
class ListSub < Array; end
class HashSub < Hash; end

class User
  attr_accessor :id, :name
end

class Dumped
  def initialize(text) = @text = text
  def _dump(_level) = @text
  def self._load(text) = new(text)
end

class MarshalDumped
  def initialize(value) = @value = value
  def marshal_dump = @value
  def marshal_load(value) = @value = value
end

# Random values; some are used again.
class Values
  CHARS = ["a", "b", "Z", "0", "_", " ", "\"", "\\", "\#{", "\n", "\0", "é", "😀", "あ"].freeze
  ENCODINGS = %w[UTF-8 US-ASCII ASCII-8BIT ISO-8859-1 UTF-16LE Shift_JIS EUC-JP Windows-1252].freeze
  ZONES = ["Tokyo", "UTC", "Eastern Time (US & Canada)", "America/Sao_Paulo"].freeze

  def initialize(random)
    @random = random
  end

  # A value, and whether its inspect depends on nothing but itself.
  def next
    @plain = true
    @pool = []
    [value(4), @plain]
  end

  private

  def below(count) = @random.rand(count)
  def pick(list) = list[below(list.length)]
  def signed(bits) = @random.rand(2**(1 + below(bits))) * (below(2).zero? ? 1 : -1)
  def text = Array.new(below(6)) { pick(CHARS) }.join
  def list(depth) = Array.new(below(5)) { value(depth) }

  def special(value)
    @plain = false
    value
  end

  def string
    text = self.text
    encoding = pick(ENCODINGS)
    return text.b if encoding == "ASCII-8BIT"

    text = text.encode(encoding, undef: :replace, invalid: :replace)
    # Bytes over 127 in encodings that need a table are shown byte by byte.
    @plain = false unless text.ascii_only? || %w[UTF-8 UTF-16LE ISO-8859-1 Windows-1252 US-ASCII].include?(encoding)
    text
  end

  def float
    case below(4)
    when 0 then [@random.bytes(8)].first.unpack1("E")
    when 1 then pick([0.0, -0.0, Float::NAN, Float::INFINITY, -Float::INFINITY, 1e100, 5e-324, 1e300])
    else signed(20) / 8.0
    end
  end

  def time
    at = Time.at(signed(37), below(1_000_000_000), :nsec)
    case below(5)
    when 0 then at.utc
    when 1 then at.getlocal(signed(9) * 60)
    when 2 then Time.at(signed(31) + Rational(below(1000), 1 + below(1000))).utc
    when 3 then at.getlocal
    else special(ActiveSupport::TimeZone[pick(ZONES)].at(at))
    end
  end

  def scalar
    case below(15)
    when 0 then nil
    when 1 then below(2).zero?
    when 2 then signed(32)
    when 3 then signed(64)
    when 4 then signed(200)
    when 5, 6 then float
    when 7 then text.to_sym
    when 8 then time
    when 9 then Date.jd(2_450_000 + signed(18))
    when 10 then (DateTime.jd(2_450_000 + signed(14)) + Rational(signed(40), 86_400_000_000_007)).new_offset(Rational(signed(9) % 700, 1440))
    when 11 then BigDecimal("#{signed(80)}.#{below(1_000_000)}e#{signed(6)}")
    when 12 then Rational(signed(70), 1 + below(1000))
    else string
    end
  end

  def value(depth)
    return scalar if depth.zero?
    return pick(@pool) if !@pool.empty? && below(8).zero?

    made = compound(depth - 1)
    @pool << made
    made
  end

  def compound(depth)
    case below(26)
    when 0..2 then list(depth)
    when 3..5 then list(depth).to_h { |value| [below(3).zero? ? scalar : string, value] }
    when 6 then Hash.new(scalar).merge!(text => 1)
    when 7 then Range.new(signed(20), signed(20), below(2).zero?)
    when 8 then Set.new(list(depth))
    when 9 then Regexp.new(pick(["a.b+", "é", "a/b", "[x]"]), below(8))
    when 10 then Complex(signed(30), float)
    when 11 then Point.new(value(depth), scalar)
    when 12 then ActiveSupport::HashWithIndifferentAccess.new(Array.new(below(4)) { [text, scalar] }.to_h)
    when 13 then text.html_safe
    when 14 then special(User.new.tap { |user| user.id = value(depth); user.name = string })
    when 15 then special(Dumped.new(string))
    when 16 then special(MarshalDumped.new([value(depth)]))
    when 17 then special(OpenStruct.new(a: value(depth)))
    when 18 then pick([String, Kernel, ActiveSupport::Duration])
    when 19 then special(pick([URI("https://a.b:81/c?d=e#f"), IPAddr.new("10.0.0.0/8"), IPAddr.new("::1"), Pathname.new("/x"), ActiveSupport::TimeZone["Tokyo"], 2.hours, 1.month + 3.days]))
    when 20 then special(StandardError.new(text))
    when 21 then pick([TextSub.new(text), ListSub.new(list(depth)), HashSub.new.merge!(text => value(depth))])
    when 22 then string.dup.tap { |string| string.instance_variable_set(:@a, value(depth)); string.instance_variable_set(:@b, 1) }
    when 23 then list(depth).extend(Extension)
    when 24 then [].tap { |cycle| cycle << cycle << scalar }
    else {}.compare_by_identity.tap { |hash| hash[text] = 1; hash[text] = value(depth) }
    end
  end
end

@wrong = []
@counts = Hash.new(0)

def check(what, dump, expected, actual)
  @counts[what] += 1
  @wrong << "#{what}\n  dump     #{dump}\n  expected #{expected}\n  answered #{actual}" if expected != actual
end

def ruby_to_railjar
  values = Values.new(Random.new(SEED))
  cases = Array.new(COUNT) do
    value, plain = values.next
    [Marshal.dump(value).unpack1("H*"), plain ? value.inspect.gsub("\n", "\\n") : nil]
  end
  output, = Open3.capture2(*ECHO, stdin_data: cases.map { |dump, _| "#{dump}\n" }.join)
  answers = output.split("\n")
  abort "#{answers.length} answers to #{COUNT}" if answers.length != COUNT
  cases.zip(answers) do |(dump, inspect), answer|
    written, shown = answer.split("\t", 2)
    check("written again as Ruby dumped it", dump, dump, written)
    check("shown as Ruby shows it", dump, inspect, shown) if inspect
  end
end

def railjar_to_ruby
  output, = Open3.capture2(*ECHO, COUNT.to_s, SEED.to_s)
  output.split("\n").each do |line|
    dump, shown = line.split("\t", 2)
    loaded = begin
      Marshal.load([dump].pack("H*")).inspect.gsub("\n", "\\n")
    rescue StandardError => e
      "#{e.class}: #{e.message}"
    end
    check("loaded by Ruby as railjar shows it", dump, shown, loaded)
  end
end

ruby_to_railjar
railjar_to_ruby
@counts.each { |what, count| puts "#{count} #{what}" }
@wrong.first(20).each { |wrong| puts wrong }
abort "#{@wrong.length} wrong, seed #{SEED}" unless @wrong.empty?
