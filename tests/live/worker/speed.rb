# What the Worker costs: CPU of the runtime for a request, over a Worker that only passes it on, and
# the first request after a start. Figures, and no checks: they depend on the machine.

class Speed
  REQUESTS = Integer(ENV.fetch("REQUESTS", 1000))
  ROUNDS = 9
  HEADERS = {
    "User-Agent" => "Mozilla/5.0", "Accept" => "text/html,*/*;q=0.8", "Accept-Language" => "en",
    "Accept-Encoding" => "gzip", "Referer" => "http://story.test/"
  }.freeze
  PASS = <<~JS.freeze
    export default { fetch: (request) => fetch(request) };
  JS

  def initialize(stage)
    @stage = stage
  end

  def run
    origin = @stage.echo
    pass = File.join(@stage.folder, "pass.mjs")
    File.write(pass, PASS)
    plain = Worker.new(
      name: "pass", port: @stage.free_port, origin: origin, modules: [pass], bindings: {}
    )
    ours = @stage.worker("ours", origin, "new")
    first_requests(origin)
    runtimes = [plain, ours].to_h do |worker|
      [worker, @stage.runtime("speed-#{worker.name}", worker)]
    end
    cookies = cookies_of_members
    session = cookies["new"][/_story=[^;]*/]
    cases = {
      "no cookie of the app" => "a=1; b=2", "a session, two cookies" => cookies["new"],
      "the same, sealed again" => cookies["old"], "a session without its hint" => session,
      "not to be read" => session.sub("=", "=x")
    }
    # Until the runtime has compiled all of it for good.
    cases.each_value { |cookie| [plain, ours].each { |worker| ask(worker, cookie, REQUESTS) } }
    cases.each do |what, cookie|
      costs = [plain, ours].map { |worker| -> { cost(runtimes[worker], worker, cookie) } }
      rounds = Array.new(ROUNDS) { costs.map(&:call) }
      # What else the machine does only ever adds to it.
      passed, classified = rounds.transpose.map(&:min)
      figures = [classified, passed, classified - passed]
      puts format("%-26s %4d µs of CPU, passed on %4d µs: %4d µs more", what, *figures)
    end
  end

  private

  # Microseconds of the runtime's CPU for a request.
  def cost(runtime, worker, cookie)
    ask(worker, cookie, 200)
    before = runtime.cpu_ns
    ask(worker, cookie, REQUESTS)
    (runtime.cpu_ns - before) / 1000.0 / REQUESTS
  end

  # POST, so that the cache is out of it.
  def ask(worker, cookie, times)
    Net::HTTP.start("127.0.0.1", worker.port) do |http|
      times.times do
        answer = http.post("/", "", { "Cookie" => cookie, **HEADERS })
        abort "answered #{answer.code}: #{answer.body}" unless answer.code == "200"
      end
    end
  end

  def first_requests(origin)
    times = Array.new(ROUNDS) do |round|
      worker = @stage.worker("first#{round}", origin, "new")
      runtime = @stage.runtime("first#{round}", worker)
      before = [clock_ns, runtime.cpu_ns]
      ask(worker, "_story=x", 1)
      [clock_ns, runtime.cpu_ns].zip(before).map { |after, was| (after - was) / 1e6 }
    end
    least, middle = [0, ROUNDS / 2].map { |at| times.transpose.map { |all| all.sort[at] } }
    puts format("first request: %d ms, %d ms of CPU; at best %d and %d", *middle, *least)
  end

  def clock_ns = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)

  # Sessions as the two releases write them, from real Rails.
  def cookies_of_members
    [Stage::OLD, Stage::NEW].to_h do |release|
      server = @stage.rails(release)
      browser = Browser.new(server.port) { |_| }
      browser.post("/login", name: "ada", authenticity_token: browser.get("/login").token("/login"))
      [release.name, browser.cookies.map { |pair| pair.join("=") }.join("; ")]
    end
  end
end
