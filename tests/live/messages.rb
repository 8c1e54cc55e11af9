# The live cross-check of the messages that are not single cookies: random ones, both ways, between
# `railjar pipe` and the Rails that is installed.
#
#   ruby tests/live/messages.rb [COUNT] [SEED] [PIPE…]
#
# COUNT of each: sessions with a flash, through ActionDispatch's middleware; CSRF tokens of
# ActionController; files of ActiveSupport::EncryptedConfiguration; from Rails 7.1 on, messages of
# ActiveSupport::MessageVerifiers and MessageEncryptors with rotations. PIPE is the command to run,
# the debug build of `railjar pipe` unless it is said.

require_relative "real_rails"
require_relative "default_cookies"
require_relative "random_values"
require_relative "checks"
require_relative "programs"
require_relative "messages/coordinators"
require_relative "messages/credentials"
require_relative "messages/csrf"
require_relative "messages/sessions"

count = Integer(ARGV[0] || 1000)
seed = Integer(ARGV[1] || Random.new_seed % 1_000_000)
checks = Checks.new(seed)
pipe = Program.new(*(ARGV.length > 2 ? ARGV[2..] : Programs::PIPE))
subjects = [Sessions, CsrfTokens, Credentials]
subjects += [Verifiers, Encryptors] if RealRails::SYMBOL_SERIALIZERS
subjects.each { |subject| subject.new(checks, pipe, seed).check(count) }
checks.report
