# The programs that the cross-checks put beside each other.

require "json"
require "open3"

module Programs
  ROOT = File.expand_path("../..", __dir__)
  TARGET = ENV.fetch("CARGO_TARGET_DIR", File.join(ROOT, "target"))
  # What rails72.sh fetches has a Ruby of its own, which says here where it is.
  RUBY = ENV.fetch("RUBY", "ruby")
  RAILS = [RUBY, File.join(__dir__, "rails.rb")].freeze
  PIPE = [File.join(TARGET, "debug/railjar"), "pipe"].freeze

  # An example of the library, built by `cargo build --example NAME`.
  def self.example(name) = [File.join(TARGET, "debug/examples", name)]
end

# A program that answers lines with lines, and goes on running.
class Program
  def initialize(*command)
    @name = command.join(" ")
    @input, @output, @process = Open3.popen2(*command)
    at_exit { @input.close unless @input.closed? }
  end

  # The answers to lines, one to each unless `expected` is another number.
  def ask_lines(lines, expected: lines.length)
    writer = Thread.new do
      lines.each { |line| @input.puts(line) }
      @input.flush
    end
    answers = Array.new(expected) do |index|
      @output.gets&.chomp || abort("#{@name} ended after #{index} of #{expected} answers")
    end
    writer.join
    answers
  end

  # The same in JSON. A request with an `n` has so many answers.
  def ask(requests)
    lines = requests.map { |request| JSON.generate(request, max_nesting: false) }
    answers = ask_lines(lines, expected: requests.sum { |request| request.fetch("n", 1) })
    answers.map { |line| JSON.parse(line, max_nesting: false) }
  end
end
