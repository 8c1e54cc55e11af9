# config/initializers/railjar_format.rb
#
# Says in a header of every response how this app writes its cookies, so that railjar-proxy need not
# be told (format = "learned"). The proxy takes the header away before the browser sees it. It holds
# Rails' settings, and no secret: apps that differ only in their secrets must be told apart by name,
# with RAILJAR_FORMAT=name in the environment.
class RailjarFormat
  HEADER = "x-railjar-format"

  SETTINGS = %w[
    cookies_serializer signed_cookie_digest encrypted_cookie_cipher
    use_authenticated_cookie_encryption use_cookies_with_metadata
  ].freeze

  def initialize(app)
    @app = app
  end

  def call(env)
    status, headers, body = @app.call(env)
    headers[HEADER] = text
    [status, headers, body]
  end

  private

  # At the first request: initializers that come later may still change a setting.
  def text
    @text ||= ENV["RAILJAR_FORMAT"] ? "format=#{ENV["RAILJAR_FORMAT"]}" : settings
  end

  def settings
    found = { "rails" => Rails.version[/\A\d+\.\d+/] }
    in_use = Rails.application.env_config
    SETTINGS.each do |name|
      next unless in_use.key?("action_dispatch.#{name}")
      value = in_use["action_dispatch.#{name}"]
      value = :marshal if name == "cookies_serializer" && value.nil?
      value = !!value if name.start_with?("use_")
      # A serializer may be an object of the app's own, which has no name.
      found[name] = value if value == false || value == true || value.is_a?(Symbol) || value.is_a?(String)
    end
    if ActiveSupport::KeyGenerator.respond_to?(:hash_digest_class)
      found["key_generator_hash_digest_class"] = ActiveSupport::KeyGenerator.hash_digest_class.name[/\w+\z/]
    end
    found.map { |name, value| "#{name}=#{value}" }.join("; ")
  end
end

Rails.application.config.middleware.insert 0, RailjarFormat
