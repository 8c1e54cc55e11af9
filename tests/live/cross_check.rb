# The live cross-check: random cookies and messages, both ways, between `railjar pipe` and the Rails
# that is installed.
#
#   ruby tests/live/cross_check.rb [COUNT] [SEED] [PIPE…]
#
# Rails seals and railjar opens: the same value, the same refusals, the same verdict on writing
# again. railjar seals and Rails opens: the same value. COUNT cases of each group: random settings
# for cookies and for messages; and for each `load_defaults`, signed cookies, and encrypted ones in
# AES-CBC and in AES-GCM. PIPE is the command to run, the debug build of `railjar pipe` unless it is
# said.

require_relative "checks"
require_relative "programs"

COUNT = Integer(ARGV[0] || 1000)
SEED = Integer(ARGV[1] || Random.new_seed % 1_000_000)
PIPE = Program.new(*(ARGV.length > 2 ? ARGV[2..] : Programs::PIPE))
RAILS = Program.new(*Programs::RAILS)
CHECKS = Checks.new(SEED)

def check(what, kase, expected, actual)
  name = "#{what}, #{kase["group"]} #{kase["kind"]}"
  CHECKS.same?(name, expected, actual, JSON.generate(kase)[0, 2000])
end

# Listed in docs/differences.md: `verify` of 5.0 to 7.0 raises for them.
def signed_nil_or_false?(kase, answer)
  kase["config"]["codec"] == "verifier" && kase["expect"].end_with?("InvalidSignature") &&
    kase["rails"] < "7.1" && answer["result"] == "ok" && !answer["value"]
end

# What railjar is to answer to what Rails wrote.
def rails_to_railjar(cases)
  cases.zip(PIPE.ask(cases)).each do |kase, answer|
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
      next unless kase.key?("reissued")

      check("written again as by Rails", kase, kase["reissued"], answer["reissue"])
    end
  end
end

# What Rails is to answer to what railjar writes in its place.
def railjar_to_rails(cases)
  cases = cases.select { |kase| kase["expect"] == "ok" && kase.key?("value") }
  seals = cases.map { |kase| { **kase, "op" => "seal" } }
  sealed = seals.zip(PIPE.ask(seals)).select do |kase, answer|
    check("written", kase, "ok", answer["result"])
  end
  opens = sealed.map { |kase, answer| { **kase, "op" => "open", "wire" => answer["wire"] } }
  opens.zip(RAILS.ask(opens)).each do |kase, answer|
    read = answer["result"] == "raise" ? answer : answer["value"]
    check("read by Rails", kase, kase["value"], read)
  end
end

groups = RAILS.ask([{ "op" => "groups" }]).first.fetch("groups")
groups.each do |group|
  cases = RAILS.ask([{ "op" => "random", "n" => COUNT, "seed" => SEED, "group" => group }])
  cases.each { |kase| kase["group"] = group }
  rails_to_railjar(cases)
  railjar_to_rails(cases)
end

CHECKS.report
# Refusals on both sides agree too: most cases must have been opened, or nothing was shown.
least = [CHECKS.count("opened as by Rails"), CHECKS.count("read by Rails")].min
abort "only #{least} opened or read" if least < COUNT * groups.length * 0.75
