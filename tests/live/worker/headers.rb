# What the origin gets and what it gives, header by header: an origin of our own says it.

require "socket"

class Headers
  def initialize(stage)
    @stage = stage
  end

  def run
    origin = @stage.echo
    @worker = @stage.worker("known", origin, "new")
    @unknown = @stage.worker("unknown", origin, nil)
    @broken = @stage.worker("broken", origin, "neww")
    @rebound = @stage.worker("rebound", origin, "new")
    @rebound.modules = [File.join(__dir__, "rebound.mjs"), *@rebound.modules]
    runtime = @stage.runtime("headers", @worker, @unknown, @broken, @rebound)
    verdicts
    names
    bytes
    responses
    what_is_kept
    upgrades
    bindings
    broken(runtime)
  end

  private

  def same?(what, expected, actual, about = "") = @stage.checks.same?(what, expected, actual, about)

  # Raw, for what no client library sends.
  def exchange(worker, lines, path = "/", method = "GET")
    TCPSocket.open("127.0.0.1", worker.port) do |socket|
      socket.binmode
      head = ["#{method} #{path} HTTP/1.1", "Host: story.test", "Connection: close", *lines]
      socket.write(head.map { |line| line.b + "\r\n" }.join + "\r\n")
      socket.read.split("\r\n\r\n", 2)
    end
  end

  # The headers that the origin got, as pairs of raw bytes.
  def got(worker, lines, path = "/", method = "GET")
    _, body = exchange(worker, lines, path, method)
    body = body[/\{.*\}/m]
    headers = JSON.parse(body)["headers"].map { |text| text.encode("ISO-8859-1").b }
    headers.each_slice(2).map { |name, value| [name.downcase, value] }
  end

  def one(headers, name) = headers.filter_map { |key, value| value if key == name }

  def verdict(worker, *cookies, **options)
    headers = got(worker, cookies.map { |cookie| "Cookie: #{cookie}" }, *options.values)
    one(headers, "x-railjar-verdict")
  end

  def query(**asked) = "/?#{URI.encode_www_form(asked)}"

  def verdicts
    [@worker, @unknown].each do |worker|
      same?("verdict", ["absent"], verdict(worker, "a=1"))
      same?("verdict", ["unreadable"], verdict(worker, "_story=x"))
      same?("verdict", ["unreadable"], verdict(worker, "_story="))
    end
    # The runtime joins lines by commas before anybody sees them, and so they reach the app: one
    # cookie to a Rack of today.
    headers = got(@worker, ["Cookie: a=1", "Cookie: _story=x"])
    judged = [one(headers, "x-railjar-verdict"), one(headers, "cookie")]
    same?("two lines: judged as they arrive", [["absent"], ["a=1, _story=x"]], judged)
  end

  def names
    forged = %w[
      X-Railjar-Verdict x_railjar_verdict X-Railjar_Verdict X-RAILJAR-USER x-railjar-cache
    ]
    headers = got(@worker, forged.map { |name| "#{name}: signed-in" })
    ours = headers.select { |name, _| name.tr("_", "-").start_with?("x-railjar") }
    expected = [%w[x-railjar-cache cacheable], %w[x-railjar-verdict absent]]
    same?("headers of ours: never from outside", expected, ours.sort)
    same?("host: as the browser says it", ["story.test"], one(headers, "host"))
  end

  # What is not ASCII stays as it came; where cookies are changed, what is not UTF-8 is lost, for
  # the runtime shows texts.
  def bytes
    hint = "user_credentials=1"
    others = ["a=\xC3\xA9; b=1", "a=\xE9\xFF; b=1"]
    [*others, "#{hint}; a=\xC3\xA9", "a=\xC3\xA9; #{hint}"].each do |cookie|
      expected = cookie.b.gsub(/(; )?user_credentials=1(; )?/n, "")
      sent = one(got(@worker, ["Cookie: ".b + cookie.b]), "cookie")
      same?("cookie: bytes", [expected], sent, cookie.b.inspect)
    end
  end

  def responses
    stale = ["Cookie: user_credentials=1"]
    head, = exchange(@worker, stale, query(gzip: 1, set: "a=1; path=/"))
    one = ->(what, pattern) { same?(what, 1, head.b.scan(pattern).length, head.b.inspect) }
    one.("hint: deleted at the browser", /^set-cookie: user_credentials=;/ni)
    one.("response: other cookies stay", %r{^set-cookie: a=1; path=/\r?$}ni)
    one.("response: its encoding stays", /^content-encoding: gzip/ni)
    head, = exchange(@worker, stale, query(set: "a=\u00C3\u00A9"))
    one.("response: bytes", /^set-cookie: a=\xC3\xA9\r?$/ni)
    head, = exchange(@worker, stale, query(status: 302, header: "Location: /there"))
    one.("response: redirects are the browser's to follow", %r{\AHTTP/1.1 302}n)
  end

  def what_is_kept
    control = "Cache-Control: public, max-age=60"
    hits = lambda do |path, lines = [], method = "GET"|
      heads = Array.new(2) { exchange(@worker, lines, path, method).first }
      heads.last.match?(/^cf-cache-status: HIT/i)
    end
    {
      "a public page" => [true, query(header: control, n: 1)],
      "a page that says nothing" => [false, query(n: 2)],
      "a private page" => [false, query(header: control.sub("public", "private"), n: 3)],
      "an error" => [false, query(header: control, status: 404, n: 4)],
      "a page with a cookie" => [false, query(header: control, set: "a=1", n: 5)],
      "a page for who is not known" => [false, query(header: control, n: 6), ["Cookie: _story=x"]],
      "a page behind a password" =>
        [false, query(header: control, n: 7), ["Authorization: Basic eDp5"]],
      "an answer to POST" => [false, query(header: control, n: 8), ["Content-Length: 0"], "POST"]
    }.each do |what, (expected, *arguments)|
      same?("cache: #{what}", expected, hits.(*arguments))
    end
    same?("cache: a page that varies", false, hits.(query(header: [control, "Vary: Accept"])))
    head, = exchange(@worker, ["Cookie: user_credentials=1"], query(header: control, n: 1))
    counts = [/HIT/, /user_credentials=;/].map { |pattern| head.scan(pattern).length }
    same?("cache: a stale hint goes there too", [1, 1], counts, head)
  end

  def upgrades
    lines = [
      "GET /cable HTTP/1.1", "Host: story.test", "Connection: Upgrade", "Upgrade: websocket",
      "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""
    ]
    head = TCPSocket.open("127.0.0.1", @worker.port) do |socket|
      socket.write(lines.join("\r\n"))
      socket.gets
    end
    same?("websocket: opened", true, head.start_with?("HTTP/1.1 101"), head)
  end

  # What was made of the bindings is made again when they change, and only then.
  def bindings
    answer = lambda do |changed = {}|
      head, body = exchange(@rebound, ["X-Bindings: #{changed.to_json}"])
      [head[9, 3], body[/Verdict","absent/i]]
    end
    good = ["200", "Verdict\",\"absent"]
    same?("bindings: as they are", good, answer.())
    same?("bindings: a secret is gone", ["500", nil], answer.({ "STORY_SECRET_OLD" => nil }))
    same?("bindings: it is there again", good, answer.())
    settings = @rebound.bindings["RAILJAR"]
    named = { edge: { **settings[:edge], headers: { verdict: "Seen-Verdict" } } }
    _, body = exchange(@rebound, ["X-Bindings: #{{ 'RAILJAR' => settings.merge(named) }.to_json}"])
    same?("bindings: other settings", true, body.match?(/"seen-verdict","absent"/i), body)
    same?("bindings: the first settings", good, answer.())
  end

  def broken(runtime)
    head, body = exchange(@broken, [])
    wrong = "settings that are wrong"
    same?("#{wrong}: 500", true, head.start_with?("HTTP/1.1 500"), head)
    same?("#{wrong}: not said to browsers", false, body.include?("neww"), body)
    said = runtime.log.include?('there is no format "neww"')
    same?("#{wrong}: said in the log", true, said, runtime.log)
  end
end
