# Counts what the users met, from all their threads.

class Tally
  # What is shown, in order: those of MUST_BE_ZERO are where sessions are kept.
  ROWS = {
    requests: "requests", logins: "logins", notes: "forms accepted", logouts: "logouts",
    both: "users that met both releases",
    lost: "sessions lost", losers: "users that lost one", others_lost: "other cookies lost",
    unprocessable: "422", server_error: "5xx", no_answer: "no answer",
    out_of_step: "state or hint out of step", uncacheable: "guests' pages with a cookie",
    browser: "Chromium signed out", wrong_user: "another user's page"
  }.freeze
  MUST_BE_ZERO = %i[
    lost others_lost unprocessable server_error no_answer out_of_step uncacheable browser
    wrong_user
  ].freeze

  def initialize
    @lock = Mutex.new
    @counts = Hash.new(0)
    @notes = []
  end

  def add(what, note = nil)
    @lock.synchronize do
      @counts[what] += 1
      @notes << "#{what}: #{note}" if note && @notes.size < 1000
    end
  end

  def [](what)
    @counts[what]
  end

  # What happened, for the log of a run.
  def notes
    @notes.dup
  end

  def kept_everything?
    MUST_BE_ZERO.all? { |what| @counts[what].zero? }
  end
end
