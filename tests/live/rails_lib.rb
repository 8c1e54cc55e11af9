# Puts Rails before what is installed, if RAILS_LIB names the `lib` folders of one, joined by ":".

ENV["RAILS_LIB"].to_s.split(":").reverse_each { |lib| $LOAD_PATH.unshift(lib) }

require "logger" # before ActiveSupport: old ones forget it
