# Puts the corpus to the Rails behind real_rails.rb, through rails.rb: does the oracle of the live
# cross-check itself say what the corpus says?
#
#   ruby tests/live/corpus.rb 6.1
#
# Prints each difference; fails if there is one.

require_relative "programs"

# Where a 7.2.2.2, or Ruby 3.1, is not the 7.2.3.2 on Ruby 3.3 that made the corpus.
ALPHABET = "7.2.2.2 does not try the other base64 alphabet, 7.2.3.2 does"
BROKEN_TEXT = "7.2.2.2 raises where it looks whether invalid UTF-8 is JSON, 7.2.3.2 does not"
KNOWN_7_2 = {
  "message/verifier/neg/valid-hmac-unpadded" => ALPHABET,
  "message/verifier/neg/valid-hmac-urlsafe" => ALPHABET,
  "message/verifier/url_safe-true/read-other" => ALPHABET,
  "cookie/signed/payload/json/json-invalid-utf8" => BROKEN_TEXT,
  "cookie/signed/payload/json_allow_marshal/json-invalid-utf8" => BROKEN_TEXT
}.freeze
KNOWN_RUBY_3_1 = {
  "message/encryptor/aes-256-gcm/neg/empty-ciphertext" => "the openssl gem of Ruby 3.1 raises"
}.freeze
known_here = {}
known_here.update(KNOWN_7_2) if ARGV.fetch(0) == "7.2"
known_here.update(KNOWN_RUBY_3_1) if ARGV.fetch(0) == "7.2" && RUBY_VERSION < "3.2"

file = File.join(__dir__, "..", "rails-corpus", "#{ARGV[0]}.jsonl")
cases = File.readlines(file).map { |line| JSON.parse(line, max_nesting: false) }
cases.select! { |kase| %w[cookie session message].include?(kase["layer"]) }
cases.select! { |kase| kase["wire"] || kase["wire_b64"] }
# These values are of classes that only the program that made the corpus had.
cases.reject! { |kase| kase["value_ruby"].to_s.include?("Oracle") }
message_pack = Gem::Specification.find_all_by_name("msgpack", ">= 1.7").any?
cases.reject! { |kase| kase.to_s.match?(/message_?pack/i) } unless message_pack
requests = cases.map { |kase| JSON.generate({ **kase, "op" => "open" }, max_nesting: false) }
output, status = Open3.capture2(*Programs::RAILS, stdin_data: requests.join("\n"))
raise "rails.rb failed" unless status.success?

answers = output.lines.map { |line| JSON.parse(line, max_nesting: false) }
raise "#{answers.size} answers to #{cases.size} cases" unless answers.size == cases.size
impossible, possible = cases.zip(answers).partition { |_, answer| answer["result"] == "error" }
different = possible.reject do |kase, answer|
  got = answer["class"] || answer["result"]
  value, expected = [answer, kase].map { |line| line.slice("value", "value_ruby") }
  kase["expect"] == got && (got != "ok" || value == expected)
end
impossible.map { |_, answer| answer["message"] }.tally.each do |message, count|
  puts "#{count} not possible here: #{message}"
end
known, different = different.partition { |kase, _| known_here[kase["id"]] }
known.each { |kase, _| puts "known: #{kase["id"]}: #{known_here[kase["id"]]}" }
different.each do |kase, answer|
  puts "#{kase["id"]}: #{kase.slice("expect", "value", "value_ruby")} but #{answer}"
end
puts "#{possible.size} cases, #{different.size} different"
exit different.empty?
