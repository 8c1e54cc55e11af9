# Simulated users: each has a browser, knows whether it must be signed in and how many notes it has
# written, and counts every answer that says otherwise. One that lost its session logs in again.

require "json"
require_relative "browser"

# The time in which users live; ends when it is told so, at the latest after some seconds.
class Day
  def initialize(seconds)
    @lock = Mutex.new
    @ended = ConditionVariable.new
    @evening = now + seconds
  end

  def end
    @lock.synchronize do
      @evening = now
      @ended.broadcast
    end
  end

  def over?
    now >= @evening
  end

  # Waits, but not beyond the end.
  def wait(seconds)
    until_then = now + seconds
    @lock.synchronize do
      while (left = [until_then, @evening].min - now).positive?
        @ended.wait(@lock, left)
      end
    end
  end

  private

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end

class User
  # What a signed-in user does next, of 100; the rest asks who it is.
  HABITS = { read_home: 25, read_members: 30, write_note: 20, log_out: 4 }.freeze

  def initialize(id, port, tally, seed)
    @name = format("user-%03d", id)
    @tally = tally
    @random = Random.new(seed * 1000 + id)
    @idles = @random.rand < 0.2
    @releases = {}
    @browser = Browser.new(port) { |page| look_at(page) }
  end

  # Through the day, which begins for this user within `spread` seconds.
  def live(day, spread)
    day.wait(@random.rand * spread)
    until day.over?
      act
      day.wait(thinking)
    end
    act_safely { ask } if @signed_in
    @tally.add(:both) if @releases.size > 1
    @tally.add(:losers) if @lost
  end

  private

  def act
    act_safely { @signed_in ? send(habit) : come_in }
  end

  def act_safely
    yield
  rescue Browser::NoAnswer => error
    @tally.add(:no_answer, "#{@name} #{error.message}")
    @notes = nil # what was asked for may have been done, or not
  end

  def habit
    dice = @random.rand(100)
    HABITS.find { |_, share| (dice -= share).negative? }&.first || :ask
  end

  # A guest reads, and then logs in; who was thrown out logs in at once.
  def come_in
    read_home unless @thrown_out
    form = @browser.get("/login")
    return unless form.status == 200

    sleep(@random.rand * 0.5)
    page = @browser.post("/login", "authenticity_token" => form.token("/login"), "name" => @name)
    return unless page.status == 302

    @tally.add(:logins)
    @signed_in = true
    @thrown_out = false
    @others = true
    @notes = 0
    check_members(@browser.follow(page))
  end

  def read_home
    page = @browser.get("/")
    return unless page.status == 200
    return check_shown(page) if @signed_in

    unless page["Cache-Control"].to_s.include?("public") && page["Set-Cookie"].nil?
      @tally.add(:uncacheable, "#{@name} #{page['Cache-Control']}")
    end
  end

  def read_members
    check_members(@browser.get("/members"))
  end

  def write_note
    form = read_members or return
    sleep(@random.rand * 1.5) # the next request may meet another server
    page = @browser.post("/notes", "authenticity_token" => form.token("/notes"))
    return @notes = nil unless page.status == 302

    unless URI(page["Location"]).path == "/members"
      @browser.follow(page)
      return thrown_out("a note was refused")
    end
    @tally.add(:notes)
    @notes += 1 if @notes
    check_members(@browser.follow(page))
  end

  def log_out
    form = read_members or return
    page = @browser.post("/logout", "authenticity_token" => form.token("/logout"))
    return unless page.status == 302

    @tally.add(:logouts)
    @signed_in = false
    @browser.follow(page)
    ask
  end

  def ask
    page = @browser.get("/whoami")
    return thrown_out("sent to #{page.path}") if @signed_in && page.path != "/whoami"
    return unless page.status == 200

    said = JSON.parse(page.body)
    check_name(said["user"])
    return unless @signed_in

    check_notes(said["count"])
    check_hint
    check_others(said)
  end

  # The page, if it is the members' page that this user expects.
  def check_members(page)
    return unless page.status == 200

    if page.path == "/members"
      check_shown(page)
      check_notes(page.body[%r{id="count">(\d+)<}, 1]&.to_i)
    else
      thrown_out("sent to #{page.path}")
    end
    page if @signed_in
  end

  def check_shown(page)
    check_name(page.body[%r{id="user">([^<]*)<}, 1])
  end

  def check_name(shown)
    return if shown == (@signed_in ? @name : nil)

    shown ? @tally.add(:wrong_user, "#{@name} met #{shown}") : thrown_out("a guest's answer")
  end

  def check_notes(count)
    return unless @signed_in

    @notes ||= count
    return if count == @notes

    @tally.add(:out_of_step, "#{@name} wrote #{@notes} notes, was shown #{count}")
    @notes = count
  end

  def check_hint
    return if @browser.cookies.key?("user_credentials")

    @tally.add(:out_of_step, "#{@name} is signed in without the hint")
  end

  # The remember token and the theme: counted once for each login.
  def check_others(said)
    return if !@others || said.values_at("remember_token", "theme") == [@name, @name]

    @others = false
    @tally.add(:others_lost, "#{@name} #{said}")
  end

  def thrown_out(why)
    return unless @signed_in

    @signed_in = false
    @thrown_out = true
    @lost = true
    @tally.add(:lost, "#{@name} #{why}")
  end

  # Every answer, redirects too.
  def look_at(page)
    @tally.add(:requests)
    @tally.add(:unprocessable, "#{@name} #{page.path}") if page.status == 422
    @tally.add(:server_error, "#{@name} #{page.path} #{page.status}") if page.status >= 500
    @releases[page["X-Release"]] = true if page["X-Release"]
  end

  def thinking
    @idles ? 8 + @random.rand * 10 : 1 + @random.rand * 5
  end
end
