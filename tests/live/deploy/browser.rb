# What a simulated user has of a browser: a cookie jar, one site, redirects followed, forms with
# their CSRF token. All cookies of the app are for the path /.

require "cgi"
require "net/http"
require "time"

class Browser
  Page = Struct.new(:path, :response) do
    def status
      response.code.to_i
    end

    def body
      response.body.to_s
    end

    def [](header)
      response[header]
    end

    # The token of the form that is sent to `action`.
    def token(action)
      form = body[%r{<form action="#{action}".*?</form>}m]
      form && CGI.unescapeHTML(form[/name="authenticity_token" value="([^"]*)"/, 1].to_s)
    end
  end

  # No answer: the connection was refused, or ended early, or nothing came in time.
  NoAnswer = Class.new(StandardError)

  attr_reader :cookies

  # `seen` is called with every answer.
  def initialize(port, &seen)
    @port = port
    @seen = seen
    @cookies = {}
  end

  # The page at the end of the redirects.
  def get(path)
    follow(send_request(Net::HTTP::Get.new(path)))
  end

  def post(path, form)
    request = Net::HTTP::Post.new(path)
    request.form_data = form
    request["Origin"] = "http://127.0.0.1:#{@port}"
    send_request(request)
  end

  # Where a redirect leads, as far as it leads.
  def follow(page, hops = 4)
    return page unless page.status.between?(301, 303) && hops.positive?

    follow(send_request(Net::HTTP::Get.new(URI(page["Location"]).request_uri)), hops - 1)
  end

  private

  def send_request(request)
    request["Cookie"] = @cookies.map { |pair| pair.join("=") }.join("; ") if @cookies.any?
    http = Net::HTTP.new("127.0.0.1", @port)
    http.max_retries = 0 # a failure is to be counted
    http.open_timeout = 5
    http.read_timeout = 60 # as long as what is in front of the servers waits
    response = http.start { http.request(request) }
    response.get_fields("Set-Cookie")&.each { |header| keep(header) }
    Page.new(request.path, response).tap(&@seen)
  rescue SystemCallError, IOError, Timeout::Error, Net::HTTPBadResponse, Net::ProtocolError => error
    raise NoAnswer, error.class.name
  end

  # RFC 6265, section 5.3, as far as the app uses it.
  def keep(header)
    pair, *attributes = header.split(/;\s*/)
    name, value = pair.split("=", 2)
    attributes = attributes.to_h { |text| text.downcase.split("=", 2).then { |key, to| [key, to] } }
    expired?(attributes) ? @cookies.delete(name) : @cookies[name] = value
  end

  def expired?(attributes)
    return attributes["max-age"].to_i <= 0 if attributes["max-age"]

    attributes["expires"] ? Time.parse(attributes["expires"]) <= Time.now : false
  end
end
