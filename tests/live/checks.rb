# Counts what was compared, keeps what differed, and says so at the end.

class Checks
  SHOWN = 3

  def initialize(seed)
    @seed = seed
    @counts = Hash.new(0)
    @different = Hash.new { |all, what| all[what] = [] }
  end

  # Whether they are the same; `about` says what to look at if not.
  def same?(what, expected, actual, about)
    @counts[what] += 1
    return true if expected == actual

    @different[what] << "  expected #{expected.inspect}\n  answered #{actual.inspect}\n  #{about}"
    false
  end

  # How often something was compared whose name begins with `start`.
  def count(start) = @counts.sum { |what, count| what.start_with?(start) ? count : 0 }

  # Prints the counts, and ends the program as failed if anything differed.
  def report
    puts "seed #{@seed}"
    @counts.sort.each { |what, count| puts "#{count.to_s.rjust(7)} #{what}" }
    @different.each do |what, all|
      all.first(SHOWN).each { |difference| puts "#{what}\n#{difference}" }
    end
    wrong = @different.values.sum(&:length)
    abort "#{wrong} of #{@counts.values.sum} differ" unless wrong.zero?
    puts "none differ"
  end
end
