# The live cross-check: random cookies and messages, both ways, between `railjar pipe` and the Rails
# that is installed.
#
#   ruby tests/live/cross_check.rb [COUNT] [SEED] [PIPE…]
#
# Rails seals and railjar opens: the same value, the same refusals, the same verdict on writing
# again. railjar seals and Rails opens: the same value. COUNT cases of each layer; PIPE is the
# command to run, the debug build of `railjar pipe` unless it is said.

require "json"
require "open3"
require "tempfile"

COUNT = Integer(ARGV[0] || 1000)
SEED = Integer(ARGV[1] || Random.new_seed % 1_000_000)
ROOT = File.expand_path("../..", __dir__)
TARGET = ENV.fetch("CARGO_TARGET_DIR", File.join(ROOT, "target"))
PIPE = ARGV.length > 2 ? ARGV[2..] : [File.join(TARGET, "debug/railjar"), "pipe"]
RAILS = ["ruby", File.join(__dir__, "rails.rb")].freeze

# Puts requests to a command and takes an answer to each.
def ask(command, requests)
  Tempfile.create("requests") do |file|
    requests.each { |request| file.puts(JSON.generate(request, max_nesting: false)) }
    file.close
    output, status = Open3.capture2(*command, stdin_data: File.read(file.path))
    abort "#{command.join(" ")} failed: #{status}" unless status.success?
    answers = output.lines.map { |line| JSON.parse(line, max_nesting: false) }
    expected = requests.sum { |request| request.fetch("n", 1) }
    abort "#{command.join(" ")}: #{answers.length} answers to #{expected}" if answers.length != expected
    answers
  end
end

@checked = Hash.new(0)
@wrong = []

def check(what, kase, expected, actual)
  @checked["#{what}, #{kase["layer"]} #{kase["kind"]}"] += 1
  return if expected == actual

  @wrong << "#{what}: #{kase["id"]}\n  expected #{expected.inspect}\n  answered #{actual.inspect}\n" \
            "  #{JSON.generate(kase)[0, 600]}"
end

# Listed in docs/differences.md: `verify` of 5.0 to 7.0 raises for them.
def signed_nil_or_false?(kase, answer)
  kase["config"]["codec"] == "verifier" && kase["expect"].end_with?("InvalidSignature") &&
    kase["rails"] < "7.1" && answer["result"] == "ok" && !answer["value"]
end

# What railjar is to answer to what Rails wrote.
def rails_to_railjar(cases)
  cases.zip(ask(PIPE, cases)).each do |kase, answer|
    opened = kase["expect"] == "ok" || (kase["expect"] == "nil" && answer["result"] == "ok")
    if signed_nil_or_false?(kase, answer)
      check("signed nil or false, which this Rails refuses", kase, "ok", answer["result"])
    elsif !opened
      check("refused as by Rails", kase, "refused", answer["result"])
    elsif answer["result"] != "ok"
      check("opened as by Rails", kase, "ok", answer)
    elsif kase.key?("value_ruby")
      # Bytes, of which JSON cannot say the encoding.
      check("opened as by Rails, as bytes", kase, "bytes", answer["serializer"])
    else
      check("opened as by Rails", kase, kase["value"], answer["value"])
      check("written again as by Rails", kase, kase["reissued"], answer["reissue"]) if kase.key?("reissued")
    end
  end
end

# What Rails is to answer to what railjar writes in its place.
def railjar_to_rails(cases)
  cases = cases.select { |kase| kase["expect"] == "ok" && kase.key?("value") }
  seals = cases.map { |kase| { **kase, "op" => "seal" } }
  sealed = seals.zip(ask(PIPE, seals)).select do |kase, answer|
    check("written", kase, "ok", answer["result"]) || answer["result"] == "ok"
  end
  opens = sealed.map { |kase, answer| { **kase, "op" => "open", "wire" => answer["wire"] } }
  opens.zip(ask(RAILS, opens)).each do |kase, answer|
    expected = kase["value"].nil? ? nil : kase["value"]
    check("read by Rails", kase, expected, answer["result"] == "raise" ? answer : answer["value"])
  end
end

%w[cookie message].each do |layer|
  cases = ask(RAILS, [{ "op" => "random", "n" => COUNT, "seed" => SEED, "layer" => layer }])
  rails_to_railjar(cases)
  railjar_to_rails(cases)
end

puts "seed #{SEED}"
@checked.sort.each { |what, count| puts "#{count.to_s.rjust(7)} #{what}" }
puts @wrong.first(20)
abort "#{@wrong.length} of #{@checked.values.sum} differ" unless @wrong.empty?
# Refusals on both sides agree too: most cases must have been opened, or nothing was shown.
opened = @checked.sum { |what, count| what.start_with?("opened as by Rails") ? count : 0 }
read = @checked.sum { |what, count| what.start_with?("read by Rails") ? count : 0 }
abort "only #{opened} opened and #{read} read" if [opened, read].min < COUNT * 1.5
puts "none differ"
