# How many times faster `railjar pipe` answers than real Rails: the same lines, one after the other,
# compared by the processor time that each took. The lines are the corpus of the installed Rails.
#
#   cargo build --release -p railjar-cli && ruby tests/live/speed.rb [ROUNDS]

require "json"
require "open3"
require "tempfile"

ROUNDS = Integer(ARGV[0] || 50)
ROOT = File.expand_path("../..", __dir__)
VERSION = `ruby -e 'require "active_support"; print ActiveSupport.version.segments.first(2).join(".")'`
LAYERS = %w[cookie session message].freeze

cases = File.readlines(File.join(ROOT, "tests/rails-corpus/#{VERSION}.jsonl"), chomp: true)
cases.map! { |line| JSON.parse(line, max_nesting: false) }
cases.select! { |kase| LAYERS.include?(kase["layer"]) && (kase["wire"] || kase["wire_b64"]) }
lines = cases.map { |kase| JSON.generate({ **kase, "op" => "open", "rails" => VERSION }, max_nesting: false) }

# The processor time of one run, in seconds.
def cost(*command, input)
  before = Process.times
  _, status = Open3.capture2(*command, stdin_data: input, err: File::NULL)
  abort "#{command.join(" ")} failed" unless status.success?
  after = Process.times
  (after.cutime - before.cutime) + (after.cstime - before.cstime)
end

input = "#{lines.join("\n")}\n" * ROUNDS
count = lines.length * ROUNDS
rails = ["ruby", File.join(__dir__, "bench.rb")]
railjar = [File.join(ENV.fetch("CARGO_TARGET_DIR", File.join(ROOT, "target")), "release/railjar"), "pipe"]
ratios = Array.new(3) { cost(*rails, input) / cost(*railjar, input) }
puts format("Rails %s: %d lines, railjar is %.1f times as fast (median of 3: %s)",
            VERSION, count, ratios.sort[1], ratios.map { |ratio| ratio.round(1) }.join(", "))
abort "less than 20 times" if ratios.sort[1] < 20
