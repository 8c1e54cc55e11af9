# A rolling deploy under load on real Rails: users browse, log in and send forms while the servers
# are replaced one by one, then half of them rolled back, then replaced again; what the users lose
# is counted. docs/deploy-test.md has the figures.
#
#   ruby tests/live/deploy/deploy.rb VARIANT… --through round-robin|railjar|pass-through
#
# Fails when something was lost through railjar, when another user's page was shown through
# anything, and when too few users met both releases to show it.

require "json"
require "optparse"
require "tmpdir"
require_relative "chromium"
require_relative "servers"
require_relative "tally"
require_relative "through"
require_relative "users"
require_relative "variants"

class Deploy
  SPREAD = 6 # seconds within which the users begin
  LONGEST = 600 # seconds that the users go on at most
  SETTLE = 1.5 # seconds between two steps, in which the users meet what there is

  def initialize(variant, seed, options)
    @old, @new = Variants::ALL.fetch(variant)
    @seed = seed
    @options = options
    @folder = File.join(options[:folder], "#{variant}-#{options[:through]}-#{seed}")
    FileUtils.rm_rf(@folder)
    FileUtils.mkdir_p(@folder)
    @servers = (1..options[:servers]).map do |n|
      Server.new(options[:port] + n, options[:libs], @folder)
    end
    through = Through::ALL.fetch(options[:through])
    @front = through.new(options[:port], [@old, @new], @folder)
    @tally = Tally.new
  end

  # The tally of one run.
  def run
    start_servers
    @front.start(@servers)
    day = Day.new(LONGEST)
    users = visit(day)
    chromium = Chromium.new(@options[:port]).tap(&:start) if @options[:browser]
    roll
    @tally.add(:browser) if chromium && !chromium.finish
    day.end
    users.each(&:join)
    File.write(File.join(@folder, "notes.txt"), @tally.notes.join("\n"))
    @tally
  ensure
    @front.stop
    @servers.each(&:stop)
  end

  private

  def start_servers
    @servers.each { |server| server.start(@old) }
    @servers.each(&:wait_until_ready)
  end

  # Forward, half-way back, forward.
  def roll
    sleep(SPREAD + 2 * SETTLE)
    half = @servers.first(@servers.size / 2)
    replace(@servers, @new)
    replace(half, @old)
    replace(half, @new)
    sleep(2 * SETTLE)
  end

  # As a careful deploy does it: a server that is to stop gets no more requests before.
  def replace(servers, release)
    servers.each do |server|
      unless @options[:rough]
        @front.serve(@servers - [server])
        server.drain
      end
      server.replace(release)
      @front.serve(@servers) unless @options[:rough]
      sleep(SETTLE)
    end
  end

  # A thread for each user.
  def visit(day)
    (0...@options[:users]).map do |id|
      user = User.new(id, @options[:port], @tally, @seed)
      Thread.new { user.live(day, SPREAD) }.tap { |thread| thread.abort_on_exception = true }
    end
  end
end

def options
  options = {
    through: nil, users: 200, servers: 4, runs: 1, seed: 1, port: 7400,
    libs: ENV.fetch("RAILS_LIB", ""), folder: File.join(Dir.tmpdir, "railjar-deploy")
  }
  OptionParser.new do |parser|
    parser.banner = "deploy.rb VARIANT… --through WHAT; variants: #{Variants::ALL.keys.join(', ')}"
    parser.on("--through WHAT", Through::ALL.keys)
    parser.on("--rough", "servers are stopped without a word to what is in front of them")
    parser.on("--browser", "Chromium too, through the whole deploy: see browser.cjs")
    parser.on("--users N", Integer)
    parser.on("--servers N", Integer)
    parser.on("--runs N", Integer, "of each variant, each time with the next seed")
    parser.on("--seed N", Integer, "of the first run")
    parser.on("--port N", Integer, "of the front; those of the servers follow")
    parser.on("--folder PATH", "for configurations and logs")
  end.parse!(into: options)
  abort("say --through #{Through::ALL.keys.join('|')}") unless options[:through]
  abort("RAILS_LIB says where Rails 7.2 is: see docs/deploy-test.md") if options[:libs].empty?
  options
end

# One run, told of when it is over.
def run(variant, seed, options)
  Deploy.new(variant, seed, options).run.tap do |tally|
    lost = Tally::MUST_BE_ZERO.reject { |what| tally[what].zero? }
    lost = lost.map { |what| "#{Tally::ROWS[what]} #{tally[what]}" }
    puts "#{variant}, seed #{seed}: #{lost.empty? ? 'nothing lost' : lost.join(', ')}"
    $stdout.flush
  end
end

# A column for each variant: the number, or the least and the most of several runs.
def print_table(all)
  width = Tally::ROWS.values.map(&:size).max
  line = ->(name, cells) { puts format("%-#{width}s" + "%14s" * cells.size, name, *cells) }
  line.("", all.keys)
  line.("runs", all.values.map(&:size))
  Tally::ROWS.each do |what, name|
    line.(name, all.values.map { |runs| runs.map { |run| run[what] }.minmax.uniq.join(" to ") })
  end
end

options = options()
variants = ARGV.empty? ? Variants::ALL.keys : ARGV
all = variants.to_h { |variant| [variant, []] }
begin
  options[:runs].times do |nth|
    all.each { |variant, tallies| tallies << run(variant, options[:seed] + nth, options) }
  end
rescue SignalException
  puts "interrupted: so far"
end
puts "through #{options[:through]}, #{options[:users]} users, #{options[:servers]} servers"
print_table(all)
whole = all.values.all? { |tallies| tallies.size == options[:runs] }
exit(whole && all.values.flatten.all? do |tally|
  shown = tally[:both] > options[:users] * 0.9
  shown && (options[:through] == "railjar" ? tally.kept_everything? : tally[:wrong_user].zero?)
end)
