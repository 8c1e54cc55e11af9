# CSRF tokens, made and judged by ActionController's own methods.

require "action_controller"
require_relative "subject"

class CsrfTokens < Subject
  class Controller < ActionController::Base
    # One that answers such a request, in a session with this token.
    def self.for(path, method, session_token)
      env = Rack::MockRequest.env_for(path, method: method)
      env["rack.session"] = { _csrf_token: session_token }.compact
      new.tap do |controller|
        request = ActionDispatch::Request.new(env)
        controller.set_request!(request)
        controller.set_response!(make_response!(request))
      end
    end

    def session_token
      real_csrf_token(session)
      # From 7.1 on, a new one comes into the session when the request ends.
      request.commit_csrf_token if request.respond_to?(:commit_csrf_token)
      session[:_csrf_token]
    end

    def token(form) = form_authenticity_token(form_options: form)
    def valid?(token) = valid_authenticity_token?(session, token)
  end

  PATHS = ["/", "/posts", "/posts/", "/posts/1/edit", "/%C3%A9", "/a//b"].freeze
  ACTIONS = [*PATHS, "/posts?a=1", "http://other.test/posts", "./", "one", ""].freeze
  METHODS = %w[post POST patch delete].freeze

  private

  def random_case
    settings = { "per_form_csrf_tokens" => !one_in?(4) }
    settings["urlsafe_csrf_tokens"] = one_in?(2) if RealRails::VERSION < "7.1"
    configure(settings)
    page = one_of(*PATHS)
    form = one_in?(3) ? {} : { action: one_of(*ACTIONS), method: one_of(*METHODS) }
    session = Controller.for(page, "GET", nil).session_token
    # Where it is sent to: mostly where it belongs.
    path, method = one_in?(3) ? [one_of(*PATHS), one_of(*METHODS)] : [form[:action], form[:method]]
    path = "/posts" unless path&.start_with?("/")
    sent_to = { path: path, method: (method || "post").upcase }
    { settings: settings, page: page, form: form, session: session, **sent_to }
  end

  def configure(settings)
    Controller.allow_forgery_protection = true
    settings.each { |setting, value| Controller.public_send("#{setting}=", value) }
  end

  def check_all(cases)
    about = cases.map { |kase| request(kase) }
    tokens = cases.map do |kase|
      configure(kase[:settings])
      Controller.for(kase[:page], "GET", kase[:session]).token(kase[:form])
    end
    judge("made by Rails", cases, about, tokens)
    tokens = ask(about.map { |request| { **request, "op" => "seal" } }).map { |answer| answer["wire"] }
    judge("made by railjar", cases, about, tokens)

    about = cases.map do |kase|
      { "layer" => "csrf", "kind" => "session_token", "config" => kase[:settings] }
    end
    sessions = ask(about.map { |request| { **request, "op" => "seal" } }).map { |answer| answer["wire"] }
    cases.zip(sessions) do |kase, session|
      configure(kase[:settings])
      token = Controller.for("/", "GET", session).token({})
      valid = Controller.for("/", "POST", session).valid?(token)
      same?("a session's token, made by railjar", true, valid, session)
      same?("its length", kase[:session].length, session.length, [kase, session])
    end
  end

  def request(kase)
    about = { "layer" => "csrf", "kind" => "per_form", "page" => kase[:page] }
    about["config"] = { **kase[:settings], "session_token" => kase[:session] }
    form = kase[:form].transform_keys { |name| "form_#{name}" }
    { **about, **form, "request_path" => kase[:path], "request_method" => kase[:method] }
  end

  # Both say the same of each token.
  def judge(what, cases, about, tokens)
    opens = about.zip(tokens).map { |request, token| { **request, "op" => "open", "wire" => token } }
    cases.zip(ask(opens), opens) do |kase, answer, request|
      configure(kase[:settings])
      valid = Controller.for(kase[:path], kase[:method], kase[:session]).valid?(request["wire"])
      same?("#{what}, #{valid ? "accepted" : "refused"}", valid, answer["result"] == "ok", [request, answer])
    end
  end
end
