# What the cross-checks of the serializers have in common: the other side is
# `examples/serializer_echo`, which writes what it reads again and shows it.

require_relative "checks"
require_relative "programs"

class SerializerCheck
  ECHO = Programs.example("serializer_echo")

  attr_reader :count, :seed

  # COUNT and SEED, as the command line has them.
  def initialize(format, (count, seed))
    @format = format
    @count = Integer(count || 1000)
    @seed = Integer(seed || Random.new_seed % 1_000_000)
    @checks = Checks.new(@seed)
  end

  def random = Random.new(@seed)
  def same?(...) = @checks.same?(...)
  def report = @checks.report

  # What railjar writes, and shows, for each of many serialized values.
  def answers(all, format = @format)
    run(format, all.length, stdin_data: all.map { |bytes| "#{bytes.unpack1("H*")}\n" }.join)
  end

  # Random values that railjar wrote, and how it shows them.
  def written(&block)
    run(@format, @count, @count.to_s, @seed.to_s).each(&block)
  end

  # A value as railjar shows it: as inside an array, where Ruby escapes what is not text.
  def self.shown(value) = [value].inspect.b[1..-2].gsub("\n", "\\n")

  private

  def run(format, expected, *arguments, **input)
    output, status = Open3.capture2(*ECHO, format, *arguments, **input)
    lines = output.split("\n")
    abort "#{lines.length} of #{expected} answers" unless status.success? && lines.length == expected
    lines.map { |line| parts(line) }
  end

  # Bytes and text; or an error and "".
  def parts(line)
    bytes, shown = line.b.split("\t", 2)
    [bytes.start_with?("error: ") ? bytes : [bytes].pack("H*"), shown]
  end
end
