# frozen_string_literal: true

# What `railjar audit` takes for a long log: lines of 1 KB with an encrypted cookie each, through
# standard input, or from a file. Prints for each amount the processor time for a line, the time that
# passed, the most memory that was ever used (through standard input), and how much faster each
# number of threads is than the first, by the time that passed.
#
#   ruby tests/live/audit_load.rb [RAILJAR] [GB[,GB...]] [THREADS[,THREADS...]] [FOLDER]
#
# With FOLDER the log is a file there, and the program is all that runs; the best of five runs
# counts, with the numbers of threads in turn. Else this process writes the log, which takes time
# too, of a processor that the threads want.

require "etc"
require "tempfile"

railjar = ARGV[0] || "target/release/railjar"
gigabytes = (ARGV[1] || "1").split(",").map { |text| Float(text) }
threads = (ARGV[2] || "1,2").split(",").map { |text| Integer(text) }

folder = ARGV[3]

NAME = "_app_session"
ROUNDS = 5
SECRET = Tempfile.new("secret").tap { |file| file.write("a secret of tests only") && file.flush }
APP = ["--rails", "7.1", "--secret-file", SECRET.path].freeze

# Sessions of about 300 bytes, each another one.
def cookies(railjar)
  (0...64).map do |user|
    value = %({"session_id":"4bf28dd1a8a8c2f5d1f0b1d2a0f4e6c7","user_id":#{user},"note":"#{"a" * 230}"})
    command = [railjar, "seal", value, *APP, "--cookie", NAME, "--set-cookie"]
    IO.popen(command, &:read)[/\A[^;]+/]
  end
end

def lines(railjar)
  cookies(railjar).map do |cookie|
    line = %(192.0.2.7 - - [24/Nov/2026:13:00:00 +0000] "GET /a/path HTTP/1.1" 200 5120 "-" ) +
           %("Mozilla/5.0" "_ga=GA1.1.23; #{cookie}; rest=)
    "#{line.ljust(1022, "x")}\"\n"
  end
end

def memory(pid)
  File.read("/proc/#{pid}/status")[/VmHWM:\s+(\d+) kB/, 1].to_i / 1024.0
end

def written(block, times, path)
  File.open(path, "wb") { |file| times.times { file.write(block) } }
end

def piped(command, block, times)
  most = 0
  answer = IO.popen(command, "r+b") do |pipe|
    times.times do |time|
      pipe.write(block)
      most = memory(pipe.pid) if (time % 64).zero? || time == times - 1
    end
    pipe.close_write
    pipe.read
  end
  [answer, most]
end

# The time that passed, and all of it in words.
def audit(railjar, threads, path: nil, block: nil, times: nil)
  command = [railjar, "audit", *APP, "--cookie", NAME, "--format", "json", "--threads", threads.to_s]
  before = Process.times
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  answer, most = path ? IO.popen([*command, path], &:read) : piped(command, block, times)
  passed = Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
  after = Process.times
  lines = answer[/"read":(\d+)/, 1].to_i
  raise "not all were opened" unless answer.include?(%("opened":{"primary":#{lines}}))

  cpu = after.cutime + after.cstime - before.cutime - before.cstime
  words = format("%<gb>5.1f GB, %<threads>d threads: %<cpu>6.0f ns of processor for a line " \
                 "(%<user>.0f in user mode), %<passed>.2f s, %<rate>.0f MB/s",
                 gb: lines * 1024 / 1e9, threads: threads, cpu: cpu * 1e9 / lines,
                 user: (after.cutime - before.cutime) * 1e9 / lines, passed: passed,
                 rate: lines * 1024 / 1e6 / passed)
  [passed, most ? format("%s, %.1f MiB", words, most) : words]
end

# The best run of each number of threads. All take their turns, so that a busy minute hits all.
def best(threads, rounds)
  runs = Array.new(rounds) { threads.map { |count| yield count } }
  runs.transpose.map { |each| each.min_by(&:first) }
end

block = lines(railjar).join * 16
puts "#{Etc.nprocessors} processors"
gigabytes.each do |size|
  times = (size * 1e9 / block.bytesize).ceil
  path = folder && File.join(folder, "audit_load.log")
  written(block, times, path) if path
  source = path ? { path: path } : { block: block, times: times }
  runs = best(threads, path ? ROUNDS : 1) { |count| audit(railjar, count, **source) }
  runs.each { |_, words| puts words }
  threads.zip(runs).drop(1).each do |count, (passed, _)|
    faster = runs.first.first / passed
    puts format("%d threads: %.2f times as fast as %d", count, faster, threads.first)
  end
  $stdout.flush
ensure
  File.delete(path) if path && File.exist?(path)
end
