# Whole sessions with a flash, through ActionDispatch's middleware: Cookies, Session::CookieStore,
# and the flash that a request leaves behind.

require "action_dispatch/middleware/flash"
require "action_dispatch/middleware/session/cookie_store"
require_relative "../default_cookies"
require_relative "subject"

class Sessions < Subject
  NAME = "_app_session"

  def initialize(...)
    super
    @secrets = Array.new(4) { hex(64) }
    @apps = {}
  end

  private

  # Of the session's values none is nil: Rails leaves those out.
  def random_case
    settings = DefaultCookies.configs.values.sample(random: @random)
    serializers = RealRails::COOKIES_SERIALIZERS
    config = { "secret_key_base" => one_of(*@secrets), **settings }
    config["cookies_serializer"] = one_of(*serializers)
    flash = one_in?(3) ? {} : { "notice" => value, one_of("alert", "é") => value }
    { config: config, session: { "user_id" => [value], "return_to" => [value] }, flash: flash }
  end

  # Answers a request that came with `cookie`; the block sees the request. The Set-Cookie value.
  def visit(config, cookie = nil)
    env = (@apps[config] ||= RealRails::Cookies.new(config)).env.dup
    env["HTTP_COOKIE"] = "#{NAME}=#{Rack::Utils.escape(cookie)}" if cookie
    app = lambda do |inner|
      request = ActionDispatch::Request.new(inner)
      yield request
      request.commit_flash
      [200, {}, []]
    end
    store = ActionDispatch::Session::CookieStore.new(app, key: NAME)
    _, headers, = ActionDispatch::Cookies.new(store).call(env)
    header = headers.find { |name, _| name.downcase == "set-cookie" }&.last
    Rack::Utils.unescape(Array(header).first.to_s[/\A#{NAME}=([^;]*)/, 1].to_s)
  end

  def check_all(cases)
    about = cases.map do |kase|
      { "layer" => "session", "kind" => "encrypted", "cookie_name" => NAME, "config" => kase[:config] }
    end
    opens = cases.zip(about).map do |kase, request|
      wire = visit(kase[:config]) do |visited|
        kase[:session].each { |key, value| visited.session[key] = value }
        kase[:flash].each { |key, value| visited.flash[key] = value }
      end
      { **request, "op" => "open", "wire" => wire }
    end
    cases.zip(ask(opens), opens) do |kase, answer, request|
      session = answer["value"].is_a?(Hash) ? answer["value"] : {}
      same?("an id", 32, session.delete("session_id")&.length, [request, answer])
      same?("written by Rails, read by railjar", stored(kase), session, [request, answer])
    end
    read_by_rails(cases, about)
  end

  def read_by_rails(cases, about)
    seals = cases.zip(about).map do |kase, request|
      { **request, "op" => "seal", "value" => { "session_id" => hex(16), **stored(kase) } }
    end
    cases.zip(ask(seals), seals) do |kase, answer, request|
      session = flash = nil
      rails do
        visit(kase[:config], answer["wire"].to_s) do |visited|
          flash = visited.flash.to_h
          session = visited.session.to_h
        end
      end
      same?("written by railjar, its flash read by Rails", kase[:flash], flash, [request, answer])
      session = session.to_h.except("flash")
      same?("written by railjar, read by Rails", request["value"].except("flash"), session, [request, answer])
    end
  end

  # What the session holds.
  def stored(kase)
    flash = { "discard" => [], "flashes" => kase[:flash] }
    kase[:flash].empty? ? kase[:session] : { **kase[:session], "flash" => flash }
  end
end
