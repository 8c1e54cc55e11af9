# Random JSON texts, with all that a writer may choose: spaces, escapes, forms of numbers, keys twice.
# Half of them are then changed somewhere, and most of those are no JSON any more.

class RandomJson
  CHARS = ["a", "Z", "é", "あ", "😀", "/", "\\/", "\\n", "\\t", "\\b", "\\f", "\\r", "\\\"", "\\\\",
           "\\u00e9", "\\u00E9", "\\u0000", "\\u001f", "\\ud83d\\ude00", "\\u2028", "\u2028",
           "\u007f"].freeze
  SPACES = ["", "", "", " ", "\n", "\t", "\r", "  "].freeze
  NUMBERS = %w[0 -0 -1 12 1e2 1E+2 1e-2 0.5 -0.0 0e0 1.50 123456789012345678901234567890 1e400 -1e400
               1e-400 1.7976931348623157e308 2.2250738585072011e-308 0.1e1 100000000000000000.0
               9007199254740993.0 4.35 1e22 1e23 5e-324 2.5e-324].freeze
  # What a change puts in, or puts in the place of something.
  CHANGES = ["", ",", ":", "[", "]", "{", "}", "\"", "\\", "0", "1", "-", "+", ".", "e", "n", "true",
             "nul", "NaN", "Infinity", "'", "\t", "\u0001", "\\x", "\\u12", "\\u{1}", "\u00a0", "\ufeff",
             "//", " "].freeze

  # Where railjar differs on purpose (docs/differences.md): it refuses, and Rails may read.
  def self.difference?(text, shown)
    return false if shown

    comment = text.match?(%r{/[/*]})
    half_pair = text.match?(/\\u[dD][89a-fA-F]/)
    any_escape = text.gsub(%r{\\["\\/bfnrt]|\\u\h{4}}, "").include?("\\")
    comment || half_pair || any_escape
  end

  def initialize(random)
    @random = random
  end

  def next
    text = [space, value(4), space].join
    below(2).zero? ? text : change(text)
  end

  private

  def below(count) = @random.rand(count)
  def pick(list) = list[below(list.length)]
  def space = pick(SPACES)
  def string = "\"#{Array.new(below(5)) { pick(CHARS) }.join}\""
  def list(depth, open, close) = "#{open}#{space}#{Array.new(below(4)) { yield(depth) }.join(",")}#{close}"

  def value(depth)
    case depth.positive? ? below(8) : below(4)
    when 0 then pick(%w[true false null])
    when 1, 2 then below(3).zero? ? number : pick(NUMBERS)
    when 3, 4 then string
    when 5, 6 then list(depth - 1, "[", "]") { |inner| [space, value(inner), space].join }
    else list(depth - 1, "{", "}") { |inner| pair(inner) }
    end
  end

  def number = "#{below(10**(1 + below(30)))}.#{below(10**(1 + below(20)))}e#{below(640) - 320}"
  def pair(depth) = [space, string, space, ":", space, value(depth), space].join

  def change(text)
    text = text.dup
    at = below(text.length + 1)
    below(2).zero? ? text.insert(at, pick(CHANGES)) : (text[at, 1] = pick(CHANGES); text)
  end
end
