# Writes headers.jsonl: how Rack reads Cookie headers, by really asking it.
#
#   cd tests/rack && ruby headers.rb RACK_2_1 RACK_2_2 RACK_3_1 RACK_3_2 > headers.jsonl
#
# Each argument is a `lib` folder that holds rack.rb. Each is asked in a process of its own.
# "up_to_2.0" is what Rack 1.4 to 2.0 do (parse_query with their block) run on Rack 2.1's own
# parse_query, which is that of 2.0. The file was made with 2.1.4, 2.2.22, 3.1.20 and 3.2.7.

require "json"

if ARGV[0] == "--read"
  $LOAD_PATH.unshift(ARGV[1])
  require "rack"
  old = Rack.release.start_with?("2.1")
  while (line = $stdin.gets)
    header = [line.chomp].pack("H*") # binary, as a server hands it over
    answers = { "now" => Rack::Utils.parse_cookies_header(header) }
    if old
      cookies = Rack::Utils.parse_query(header, ";,") { |s| Rack::Utils.unescape(s) rescue s }
      answers["up_to_2.0"] = cookies.transform_values { |v| Array === v ? v.first : v }
    end
    hex = ->(text) { text&.unpack1("H*") }
    answers.transform_values! { |cookies| cookies.map { |pair| pair.map(&hex) } }
    puts JSON.generate(answers)
  end
  exit
end

FIXED = [
  "", " ", ";", "=", "a", "a=", "=a", "a=1", "a==1", "a= 1", "a =1", " a=1", "\ta=1", "a=1 ",
  "a=1\t",
  "a=1; b=2", "a=1;b=2", "a=1 ; b=2", "a=1;  b=2", "a=1;\tb=2", "a=1;\r\nb=2", "a=1;;b=2", "; ;a=1",
  "a=1, b=2", "a=1,b=2", "a=1; a=2", "a; a=1", "a=1; a", "a=; a=1", "a;a;a=1", "A=1; a=2",
  "$Version=1; a=1", "a=\"1;2\"", "a=%", "a=%4", "a=%zz", "a=%%41", "a=%41%zz", "a=+%2B%20",
  "a=+%", "a=%ff%FE", "a=\xff", "\xc3\xa9=1", "%C3%A9=1", "a%5Bb%5D=1", "a[b]=1", "a+b=1",
  "%zz=%41", "+=+", "a%3D=1; a==2", "=1; =2", "a=%00\0"
].map(&:b)

random = Random.new(1)
PIECES = [
  "a", "b", "=", "=", ";", "; ", ",", ", ", " ", "%", "%4", "%41", "%61", "%3d", "+", "\"", "\t", "\xff"
].map(&:b)
headers = FIXED + Array.new(600) do
  Array.new(random.rand(1..14)) { PIECES.sample(random: random) }.join
end

labels = ["2.1", "2.2", "3.1", "3.2"]
results = labels.zip(ARGV).map do |label, lib|
  answers = IO.popen(["ruby", __FILE__, "--read", lib], "r+") do |reader|
    writer = Thread.new do
      headers.each { |header| reader.puts(header.unpack1("H*")) }
      reader.close_write
    end
    lines = reader.readlines
    writer.join
    lines.map { |line| JSON.parse(line) }
  end
  [label, answers]
end.to_h

headers.each_with_index do |header, i|
  of = ->(label) { results.fetch(label).fetch(i) }
  now = of["2.2"]["now"]
  raise "2.2, 3.1 and 3.2 differ" unless [of["3.1"], of["3.2"]].all? { |other| other["now"] == now }
  puts JSON.generate(
    "header" => header.unpack1("H*"),
    "up_to_2.0" => of["2.1"]["up_to_2.0"], "2.1" => of["2.1"]["now"], "since_2.2" => now
  )
end
