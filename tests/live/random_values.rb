# Random Ruby values, of the kinds that a serializer takes.

require "active_support/all"
require "bigdecimal"
require "ipaddr"
require "ostruct"
require "pathname"
require "set"

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

# Some values are used again in another place.
class RandomValues
  CHARS = ["a", "b", "Z", "0", "_", " ", "\"", "\\", "\#{", "\n", "\0", "é", "😀", "あ",
           "<", "&", ">", "/", "\u2028", "\u007f", "\u001f"].freeze
  ENCODINGS = %w[UTF-8 US-ASCII ASCII-8BIT ISO-8859-1 UTF-16LE Shift_JIS EUC-JP Windows-1252].freeze
  ZONES = ["Tokyo", "UTC", "Eastern Time (US & Canada)", "America/Sao_Paulo"].freeze
  URIS = ["https://a.b:81/c?d=e#f", "http://x.test", "mailto:a@b.test", "/p/q?r", "ftp://u@h/f"].freeze

  SCALARS = %i[nothing boolean small integer big_integer float symbol time date date_time decimal
               rational string].freeze
  COLLECTIONS = %i[list hash].freeze
  JSON = %i[nothing boolean small integer big_integer float text].freeze
  # What Marshal, MessagePack and to_json all take.
  SHARED = %i[range set regexp complex indifferent duration pathname uri ip_address embedded].freeze
  MESSAGE_PACK = %i[time_zone any_keys].freeze
  OBJECTS = %i[default struct safe_buffer user subclass ivars extended exception].freeze
  MARSHAL = %i[dumped marshal_dumped open_struct classes time_zone cycle identity].freeze

  def self.for_marshal(random) = new(random, SCALARS, COLLECTIONS * 6 + SHARED + OBJECTS + MARSHAL)
  def self.for_message_pack(random) = new(random, SCALARS, COLLECTIONS * 4 + SHARED + MESSAGE_PACK)

  # In encodings that railjar converts.
  def self.for_to_json(random)
    encodings = %w[UTF-8 US-ASCII ASCII-8BIT ISO-8859-1 UTF-16LE]
    new(random, SCALARS, COLLECTIONS * 4 + SHARED + OBJECTS, encodings: encodings)
  end

  # What is the same in every serializer, and no longer than a cookie may be.
  def self.plain(random)
    new(random, %i[nothing boolean small text], COLLECTIONS, depth: 2, reuse: false)
  end

  def self.for_json(random) = new(random, JSON, COLLECTIONS)

  def initialize(random, scalars, compounds, encodings: ENCODINGS, depth: 4, reuse: true)
    @random = random
    @scalars = scalars
    @compounds = compounds
    @encodings = encodings
    @depth = depth
    @reuse = reuse
  end

  # A value, and whether its inspect depends on nothing but itself.
  def next
    @plain = true
    @pool = []
    [value(@depth), @plain]
  end

  private

  def below(count) = @random.rand(count)
  def one_in?(count) = below(count).zero?
  def pick(list) = list[below(list.length)]
  def signed(bits) = @random.rand(2**(1 + below(bits))) * (one_in?(2) ? 1 : -1)
  def scalar = send(pick(@scalars))

  def value(depth)
    return scalar if depth.zero? || one_in?(8)
    return pick(@pool) if @reuse && !@pool.empty? && one_in?(8)

    send(pick(@compounds), depth - 1).tap { |made| @pool << made }
  end

  def special(value)
    @plain = false
    value
  end

  def nothing = nil
  def boolean = one_in?(2)
  def small = signed(32)
  def integer = signed(64)
  def big_integer = signed(200)
  def text = Array.new(below(6)) { pick(CHARS) }.join
  def symbol = text.to_sym
  def date = Date.jd(2_450_000 + signed(18))
  def decimal = BigDecimal("#{signed(80)}.#{below(1_000_000)}e#{signed(6)}")
  def rational = Rational(signed(70), 1 + below(1000))

  def date_time
    day = DateTime.jd(2_450_000 + signed(14))
    (day + Rational(signed(40), 86_400_000_000_007)).new_offset(Rational(signed(9) % 700, 1440))
  end

  def string
    text = self.text
    encoding = pick(@encodings)
    return text.b if encoding == "ASCII-8BIT"

    text = text.encode(encoding, undef: :replace, invalid: :replace)
    # Bytes over 127 in encodings that need a table are shown byte by byte.
    @plain = false unless text.ascii_only? || !%w[Shift_JIS EUC-JP].include?(encoding)
    text
  end

  def float
    case below(4)
    when 0 then @random.bytes(8).unpack1("E")
    when 1 then pick([0.0, -0.0, Float::NAN, Float::INFINITY, -Float::INFINITY, 1e100, 5e-324, 1e300])
    when 2 then signed(60) * 10.0**signed(4)
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

  def list(depth) = Array.new(below(5)) { value(depth) }
  def hash(depth) = list(depth).to_h { |value| [key, value] }
  def key = @scalars.include?(:string) && one_in?(2) ? string : text
  def any_keys(depth) = list(depth).to_h { |value| [scalar, value] }
  def default(depth) = Hash.new(scalar).merge!(text => value(depth))
  def set(depth) = Set.new(list(depth))
  def regexp(_) = Regexp.new(pick(["a.b+", "é", "a/b", "[x]"]), below(8))
  def complex(_) = Complex(signed(30), float)
  def struct(depth) = Point.new(value(depth), scalar)
  def safe_buffer(_) = text.html_safe
  def user(depth) = special(User.new.tap { |user| user.id = value(depth); user.name = string })
  def dumped(_) = special(Dumped.new(string))
  def marshal_dumped(depth) = special(MarshalDumped.new([value(depth)]))
  def open_struct(depth) = special(OpenStruct.new(a: value(depth)))
  def classes(_) = pick([String, Kernel, ActiveSupport::Duration])
  def time_zone(_) = special(ActiveSupport::TimeZone[pick(ZONES)])
  def pathname(_) = special(Pathname.new("/#{below(100)}/é"))
  def uri(_) = special(URI(pick(URIS)))
  def ip_address(_) = special(IPAddr.new(pick(["10.0.0.0/8", "127.0.0.1", "::1", "2001:db8::/32"])))
  def exception(_) = special(StandardError.new(text))
  def extended(depth) = list(depth).extend(Extension)
  def cycle(_) = [].tap { |cycle| cycle << cycle << scalar }
  def embedded(_) = Regexp.new(Regexp.new(pick(["a", "b c"]), below(4)).to_s)

  def range(_)
    from, to = [signed(20), signed(20)].minmax
    pick([from..to, from...to, (from..), ("a".."z"), (date..date.next_year)])
  end

  def duration(_)
    special(pick([2.hours, 1.month + 3.days, 1.5.days, -90.seconds, signed(20).minutes, 0.seconds]))
  end

  def indifferent(_)
    ActiveSupport::HashWithIndifferentAccess.new(Array.new(below(4)) { [text, scalar] }.to_h)
  end

  def subclass(depth)
    pick([TextSub.new(text), ListSub.new(list(depth)), HashSub.new.merge!(text => value(depth))])
  end

  def ivars(depth)
    string.dup.tap do |string|
      string.instance_variable_set(:@a, value(depth))
      string.instance_variable_set(:@b, 1)
    end
  end

  def identity(depth)
    {}.compare_by_identity.tap { |hash| hash[text] = 1; hash[text] = value(depth) }
  end
end
