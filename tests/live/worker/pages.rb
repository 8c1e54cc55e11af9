# A browser at real Rails, through the Worker: nobody gets another's page, and nobody is logged out
# by going from one release to the other and back.

require_relative "../deploy/browser"

class Pages
  def initialize(stage)
    @stage = stage
    @seen = []
  end

  def run
    old, new = [Stage::OLD, Stage::NEW].map { |release| @stage.rails(release) }
    @old = @stage.worker("old", old.address, "old", browser_format: "new")
    @new = @stage.worker("new", new.address, "new", browser_format: "new")
    @straight = new.port
    runtime = @stage.runtime("pages", @old, @new)
    [@old, @new].each { |worker| guests_and_members(worker) }
    there_and_back
    held_in_the_browsers_format
    nothing_secret(runtime)
  end

  private

  def same?(what, expected, actual, about = "") = @stage.checks.same?(what, expected, actual, about)

  # What a person's browser asks for: with other words in Accept, Rails says that the page varies.
  class Visitor < Browser
    ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.8"

    private

    def send_request(request)
      request["Accept"] = ACCEPT
      super
    end
  end

  def browser(port) = Visitor.new(port) { |page| @seen << page }

  def log_in(browser, name)
    browser.post("/login", name: name, authenticity_token: browser.get("/login").token("/login"))
  end

  # Which answer of Rails it is; a page from the cache has the number of another.
  def number(page) = page["x-request-id"]

  def user(page) = page.body[%r{<p id="user">(.*?)</p>}, 1]

  def guests_and_members(worker)
    first, second = Array.new(2) { browser(worker.port).get("/") }
    same?("guest: page from the cache", number(first), number(second))
    status = [first, second].map { |page| page["cf-cache-status"] }
    same?("guest: marked as from the cache", [nil, "HIT"], status)
    member = browser(worker.port)
    log_in(member, "ada")
    2.times do
      page = member.get("/")
      same?("member: own page", "ada", user(page))
      same?("member: not from the cache", nil, page["cf-cache-status"])
    end
    other = browser(worker.port)
    log_in(other, "bob")
    same?("member: own page", "bob", user(other.get("/")))
    again = browser(worker.port).get("/")
    got = [number(again), user(again)]
    same?("guest: the guests' page after members", [number(first), nil], got)
    broken = browser(worker.port)
    broken.cookies.update("_story" => "not%20to%20be%20read--deadbeef")
    page = broken.get("/")
    same?("unreadable: not from the cache", nil, page["cf-cache-status"])
    same?("unreadable: the app's own answer", false, number(page) == number(first))
  end

  def there_and_back
    traveller = browser(@old.port)
    log_in(traveller, "eve")
    at = ->(worker) { browser(worker.port).tap { |it| it.cookies.replace(traveller.cookies) } }
    [@new, @old, @new, @new, @old].each_with_index do |worker, notes|
      here = at.(worker)
      members = here.get("/members")
      count = members.body[/<p id="count">(\d+)/, 1]
      same?("deploy: still signed in", ["eve", notes.to_s], [user(members), count])
      taken = here.post("/notes", authenticity_token: members.token("/notes"))
      same?("deploy: the form is taken", 302, taken.status)
      read = JSON.parse(here.get("/whoami").body).values_at("user", "remember_token", "theme")
      same?("deploy: every cookie is read", %w[eve eve eve], read)
      traveller.cookies.replace(here.cookies)
    end
    form = at.(@old).get("/members").token("/notes")
    taken = at.(@new).post("/notes", authenticity_token: form)
    same?("deploy: a form of the other release is taken", 302, taken.status)
    out = at.(@new)
    out.post("/logout", authenticity_token: out.get("/members").token("/logout"))
    same?("log-out: a guest", nil, user(out.get("/")))
    same?("log-out: the hint goes too", false, out.cookies.key?("user_credentials"))
  end

  # What the old release writes is held by browsers as the new one writes it.
  def held_in_the_browsers_format
    member = browser(@old.port)
    log_in(member, "joe")
    straight = browser(@straight)
    straight.cookies.replace(member.cookies)
    who = JSON.parse(straight.get("/whoami").body)["user"]
    same?("browser: read by the new release alone", "joe", who)
    same?("browser: has the hint", "1", member.cookies["user_credentials"])
  end

  def nothing_secret(runtime)
    answers = @seen.flat_map { |page| [page.body, *page.response.each_header.to_a.flatten] }
    secrets = [Stage::OLD, Stage::NEW].map(&:secret)
    told = [*answers, runtime.log].count { |text| secrets.any? { |secret| text.include?(secret) } }
    same?("secrets: in no answer and no log", 0, told)
  end
end
