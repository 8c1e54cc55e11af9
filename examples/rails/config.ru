# A small Rails app to try railjar-proxy in front of: one file, no database, Rails 6.1 or later.
# `serve` runs it twice, as it was before a deploy and as it is after it.
#
# There is no Devise here, to need no database: a sign-in leaves in the session what Devise leaves.

require "logger" # before ActiveSupport: old ones forget it
require "action_controller/railtie"

RELEASE = ENV.fetch("RELEASE")

class Example < Rails::Application
  config.load_defaults "6.1"
  config.root = __dir__
  config.eager_load = false
  config.hosts.clear if config.hosts
  config.secret_key_base = ENV.fetch("SECRET_KEY_BASE")
  config.logger = Logger.new($stderr)
  config.log_level = :error
  config.session_store :cookie_store, key: "_example_session"
  # What the deploy changes. Neither release reads the other's sessions.
  config.action_dispatch.cookies_serializer = RELEASE == "old" ? :marshal : :json

  routes.append do
    root "pages#index"
    post "sign_in", to: "pages#sign_in"
    post "sign_out", to: "pages#sign_out"
  end
end

class PagesController < ActionController::Base
  def index
    render inline: <<~ERB
      <p>Release: <%= RELEASE %>, Rails <%= Rails.version %></p>
      <p>User: <%= user || "nobody" %></p>
      <%= form_tag(user ? "/sign_out" : "/sign_in") do %>
        <button><%= user ? "Sign out" : "Sign in" %></button>
      <% end %>
    ERB
  end

  def sign_in
    reset_session
    session["warden.user.user.key"] = [[42], "$2a$12$salt"]
    redirect_to "/"
  end

  def sign_out
    reset_session
    redirect_to "/"
  end

  private

  def user = session["warden.user.user.key"]&.first&.first
  helper_method :user
end

Example.initialize!
run Example
