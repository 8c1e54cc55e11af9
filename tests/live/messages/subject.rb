# What the checks of each kind of message have in common: where to ask railjar, and random values.

require_relative "../random_values"
require_relative "../real_rails"

class Subject
  NOW = "2026-03-01T12:00:00.000Z"

  def initialize(checks, pipe, seed)
    @checks = checks
    @pipe = pipe
    @random = Random.new(seed)
    @values = RandomValues.plain(@random)
  end

  # Puts COUNT cases to both, hundreds at a time.
  def check(count)
    count.fdiv(500).ceil.times { check_all(Array.new(500) { random_case }) }
  end

  private

  def ask(requests)
    common = { "rails" => RealRails::VERSION, "now" => NOW }
    @pipe.ask(requests.map { |request| { **common, **request } })
  end

  def same?(what, ...) = @checks.same?("#{self.class}: #{what}", ...)
  def value = @values.next.first
  def one_of(*choices) = choices.sample(random: @random)
  def one_in?(count) = @random.rand(count).zero?
  def hex(bytes) = @random.bytes(bytes).unpack1("H*")

  # What Rails says, or the name of what it raises.
  def rails
    RealRails::Clock.at(NOW) { yield }
  rescue StandardError => error
    error.class.name
  end
end
