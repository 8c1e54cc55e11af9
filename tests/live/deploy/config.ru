# The app of the deploy test: one file, no database, Rails 6.1 or later. APP says what its cookies
# look like, in the keys of a settings file (docs/config.md) but as JSON; the rest is what an app
# with members does.
#
#   APP='{"load_defaults":"6.1"}' SECRET_KEY_BASE=… RAILS_ENV=production puma -p 3001 config.ru
#
# The installed Rails is used, or the one whose `lib` folders are in RAILS_LIB (joined by ":"); but
# the Rack that Puma has loaded by now stays.

libs = ENV["RAILS_LIB"].to_s.split(":").grep_v(%r{/gems/rack-[^/]+/lib})
$LOAD_PATH.unshift(*libs)

require "logger" # before ActiveSupport: old ones forget it
require "json"
require "rails"
require "active_support/all"
require "action_controller/railtie"

class Story < Rails::Application
  APP = JSON.parse(ENV.fetch("APP"))
  DIGEST = "key_generator_hash_digest_class"

  config.load_defaults APP.fetch("load_defaults")
  config.secret_key_base = ENV.fetch("SECRET_KEY_BASE")
  config.session_store :cookie_store, key: APP.dig("cookies", "session", "name") || "_story",
    expire_after: 14.days
  config.eager_load = false
  config.consider_all_requests_local = false
  config.log_level = :error
  config.logger = Logger.new($stderr)
  config.root = __dir__

  APP.fetch("settings", {}).each do |name, value|
    case name
    when DIGEST then config.active_support[name] = OpenSSL::Digest.const_get(value)
    when "cookies_serializer" then config.action_dispatch[name] = value.to_sym
    else config.action_dispatch[name] = value
    end
  end

  # What is read besides: another key digest, by the recipe of the upgrade guide.
  config.after_initialize do
    APP.fetch("rotations", []).each do |rotation|
      keys = ActiveSupport::KeyGenerator.new(
        config.secret_key_base, iterations: 1000,
        hash_digest_class: OpenSSL::Digest.const_get(rotation.fetch(DIGEST))
      )
      dispatch = config.action_dispatch
      key = keys.generate_key(
        dispatch.authenticated_encrypted_cookie_salt, ActiveSupport::MessageEncryptor.key_len
      )
      dispatch.cookies_rotations.rotate :encrypted, key
      dispatch.cookies_rotations.rotate :signed, keys.generate_key(dispatch.signed_cookie_salt)
    end
  end

  # Tells a proxy in front which format this server reads and writes.
  config.action_dispatch.default_headers = config.action_dispatch.default_headers.merge(
    "X-Railjar-Format" => ENV["RAILJAR_FORMAT"], "X-Release" => ENV["RELEASE"]
  ).compact
end

class StoryController < ActionController::Base
  # Says to a cache in front, and to nobody else, that there is a session behind it.
  HINT = "user_credentials"

  protect_from_forgery with: :exception
  before_action :logout_without_hint
  after_action :keep_hint_in_step
  before_action :show_verdict
  helper_method :user

  # The same for every guest, so that a cache may keep it: no cookie in it, no CSRF token.
  def home
    if user || cookies[HINT]
      response.headers["Cache-Control"] = "private, no-store"
    else
      expires_in 60.seconds, public: true
      request.session_options[:skip] = true
    end
    page "<h1>Stories</h1>"
  end

  # The same for everybody, says this page to caches; which is wrong.
  def careless
    expires_in 60.seconds, public: true
    request.session_options[:skip] = true
    page "<h1>Stories</h1>"
  end

  def members
    return redirect_to("/login") unless user

    page <<~ERB
      <p id="count"><%= session["count"] %></p>
      <%= form_with(url: "/notes") { |form| form.submit "Add a note" } %>
      <%= form_with(url: "/logout") { |form| form.submit "Log out" } %>
    ERB
  end

  def login_form
    page <<~ERB
      <%= form_with(url: "/login") { |form| form.text_field(:name) + form.submit("Log in") } %>
    ERB
  end

  def login
    reset_session
    session["user"] = params.require(:name)
    session["count"] = 0
    cookies.signed["remember_token"] = { value: user, expires: 14.days, httponly: true }
    cookies.encrypted["theme"] = { value: { "of" => user }, expires: 14.days, httponly: true }
    flash["notice"] = "Welcome"
    redirect_to "/members"
  end

  def note
    return redirect_to("/login") unless user

    session["count"] += 1
    redirect_to "/members"
  end

  def logout
    sign_out
    redirect_to "/"
  end

  def lost_cookie
    page "<h1>Your session has expired</h1>"
  end

  def whoami
    theme = cookies.encrypted["theme"]
    render json: {
      user: user, count: session["count"],
      remember_token: cookies.signed["remember_token"], theme: theme && theme["of"]
    }
  end

  def up
    head :ok
  end

  private

  def user
    session["user"]
  end

  def sign_out
    reset_session
    %w[remember_token theme].each { |name| cookies.delete(name) }
  end

  # What a proxy in front said of the visitor.
  def show_verdict
    response.headers["X-Verdict"] = request.headers["X-Railjar-Verdict"].to_s
  end

  # Two callbacks after those by which the Archive of Our Own keeps hint and session together.
  def logout_without_hint
    return unless user && cookies[HINT].nil?

    sign_out
    redirect_to "/lost_cookie"
  end

  def keep_hint_in_step
    if user
      cookies[HINT] = { value: "1", expires: 1.year } unless cookies[HINT]
    elsif cookies[HINT]
      cookies.delete(HINT)
    end
  end

  def page(body)
    render inline: <<~ERB, layout: false
      <!DOCTYPE html><title>Stories</title>
      <% if user %><p id="user"><%= user %></p><p><%= flash["notice"] %></p><% end %>
      #{body}
    ERB
  end
end

Story.initialize!
Story.routes.draw do
  controller :story do
    root action: :home
    get "careless", action: :careless
    get "members", action: :members
    get "login", action: :login_form
    post "login", action: :login
    post "notes", action: :note
    post "logout", action: :logout
    get "lost_cookie", action: :lost_cookie
    get "whoami", action: :whoami
    get "up", action: :up
  end
end

run Story
