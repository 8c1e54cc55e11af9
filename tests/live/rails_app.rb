# What a real Rails app in one file needs, of the installed Rails or of the one that RAILS_LIB names.

require_relative "rails_lib"
begin
  require "zeitwerk"
rescue LoadError
  # Debian 12's serves Rails 7.2 too.
  $LOAD_PATH << Dir["/usr/share/rubygems-integration/all/gems/zeitwerk-*/lib"].last
end
require "json"
require "stringio"
require "rails"
# The Ruby that comes with Rails 7.2 in rails72.sh has not all that pages need.
pages = Gem::Specification.find_all_by_name("nokogiri").any?
require pages ? "action_controller/railtie" : "action_dispatch/railtie"
require "rack/mock"
