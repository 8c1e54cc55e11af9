# A whole Rails app in one file, which shares its session with the axum app in main.rs.
#
#   SECRET_KEY_BASE=… RAILS_ENV=production puma -b tcp://127.0.0.1:3000 config.ru
#
# There is no Devise here, to need no database: a sign-in leaves in the session what Devise leaves.

require "logger" # before ActiveSupport: old ones forget it
require "action_controller/railtie"

AXUM = ENV.fetch("AXUM_URL", "http://127.0.0.1:3001")

class BesideAxum < Rails::Application
  config.load_defaults "#{Rails::VERSION::MAJOR}.#{Rails::VERSION::MINOR}"
  config.root = __dir__
  config.eager_load = false
  config.hosts.clear if config.hosts
  config.secret_key_base = ENV.fetch("SECRET_KEY_BASE")
  config.logger = Logger.new($stderr)
  config.log_level = :warn
  config.session_store :cookie_store, key: "_beside_session"
  config.action_dispatch.cookies_serializer = ENV.fetch("COOKIES_SERIALIZER", "json").to_sym
  # Two ports are two origins. Behind one proxy they would be one, and this line would not be needed.
  config.action_controller.forgery_protection_origin_check = false

  routes.append do
    root "pages#index"
    get "sign_in", to: "pages#sign_in"
    post "sign_in", to: "pages#create"
    post "sign_out", to: "pages#destroy"
    post "comments", to: "pages#comment"
    get "whoami", to: "pages#whoami"
  end
end

class PagesController < ActionController::Base
  def index
    render inline: <<~ERB
      <%= csrf_meta_tags %>
      <h1>Rails <%= Rails.version %></h1>
      <p>User <%= user || "nobody" %>, locale <%= session[:locale] || "none" %></p>
      <% flash.each do |type, message| %><p class="<%= type %>"><%= message %></p><% end %>
      <%= form_tag "#{AXUM}/axum/locale" do %>
        <input name="locale" value="pt-BR"><button>Choose the locale in axum</button>
      <% end %>
      <%= form_tag "/sign_out" do %><button>Sign out</button><% end %>
      <a href="/sign_in">Sign in</a> <a href="<%= AXUM %>/axum">axum</a>
    ERB
  end

  def sign_in
    render inline: <<~ERB
      <% flash.each do |type, message| %><p class="<%= type %>"><%= message %></p><% end %>
      <%= form_tag "/sign_in" do %>
        <input name="user" value="42"><button>Sign in</button>
      <% end %>
    ERB
  end

  def create
    back = session["user_return_to"]
    reset_session
    session["warden.user.user.key"] = [[Integer(params[:user])], "$2a$12$salt"]
    cookies.encrypted[:theme] = { value: { "dark" => true }, expires: 1.hour.from_now }
    redirect_to back ? "#{AXUM}#{back}" : "/", notice: "Signed in by Rails.", **elsewhere
  end

  def destroy
    reset_session
    redirect_to "/"
  end

  def comment
    redirect_to "/", notice: "Rails took: #{params[:text]}"
  end

  def whoami
    render json: {
      user: user, locale: session[:locale], session_id: session[:session_id],
      flash: flash.to_h, seen: cookies.signed[:seen]
    }
  end

  private

  def user = session["warden.user.user.key"]&.first&.first
  helper_method :user

  # From 7.0 on a redirect to another host must be wanted.
  def elsewhere = Rails::VERSION::MAJOR < 7 ? {} : { allow_other_host: true }
end

BesideAxum.initialize!
run BesideAxum
