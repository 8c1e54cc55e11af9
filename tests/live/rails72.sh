#!/usr/bin/env bash
# Fetches Rails 7.2 for the live cross-checks, from Debian 13 (trixie), beside what is installed
# here; installs nothing.
#
#   export RAILS_LIB=$(tests/live/rails72.sh [FOLDER])
#
# Prints the `lib` folders of that Rails, joined by ":"; they serve the Ruby 3.1 of Debian 12 too.
# FOLDER (`target/rails-7.2` unless it is said) then also has a `ruby`: that suite's Ruby 3.3 with
# the msgpack gem, which ActiveSupport::MessagePack demands and Debian 12 has only in an older
# version. A folder that is complete is left as it is.
set -euo pipefail

root="$(cd "$(dirname "$0")/../.." && pwd)"
folder="$(realpath -m "${1:-${CARGO_TARGET_DIR:-$root/target}/rails-7.2}")"
suite=trixie
rails=(ruby-activesupport ruby-actionpack ruby-actionview ruby-railties ruby-rails-dom-testing
  ruby-rails-html-sanitizer ruby-loofah ruby-erubi ruby-useragent ruby-rack ruby-rack-session
  ruby-rack-test ruby-concurrent ruby-i18n ruby-tzinfo)
# With all that Ruby links to.
ruby=(ruby3.3 libruby3.3 ruby-rubygems ruby-msgpack libc6 libcrypt1 libffi8 libgcc-s1 libgmp10
  libssl3t64 libyaml-0-2 libzstd1 zlib1g)

fail() {
  printf 'rails72.sh: %s\n' "$*" >&2
  exit 1
}

# The machine's own Debian source, for the other suite: from files of either format.
sources() {
  mkdir -p sources
  local from=(/etc/apt/sources.list.d/*.sources)
  [ ! -e "${from[0]}" ] || awk -v suite="$suite" 'BEGIN { RS = ""; ORS = "\n\n" }
    /(^|\n)Suites:[^\n]*(bookworm|trixie)( |\n|$)/ {
      gsub(/(^|\n)#[^\n]*/, "")
      sub(/\nSuites:[^\n]*/, "\nSuites: " suite)
      print
      exit
    }' "${from[@]}" >sources/rails.sources
  from=(/etc/apt/sources.list /etc/apt/sources.list.d/*.list)
  [ -s sources/rails.sources ] || cat "${from[@]}" 2>/dev/null |
    sed -nE "s/^(deb .*) (bookworm|$suite) /\1 $suite /p" | head -n 1 >sources/rails.list || true
  cat sources/* | grep -q "$suite" || fail "apt has no source of Debian 12 or 13 here"
}

fetch() {
  sources
  mkdir -p lists/partial cache/archives/partial
  local options=(-qq -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$PWD/sources"
    -o "Dir::State::Lists=$PWD/lists" -o "Dir::Cache=$PWD/cache" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update || fail "apt-get update failed for $suite"
  unpack rails "${rails[@]}"
  unpack ruby3.3 "${ruby[@]}"
  rm -r sources lists cache
}

unpack() {
  local to="$PWD/$1"
  shift
  mkdir packages
  (cd packages && apt-get "${options[@]}" download "$@") ||
    fail "apt-get could not download the packages of $suite"
  for package in packages/*.deb; do dpkg-deb -x "$package" "$to"; done
  rm -r packages
}

# Runs the other suite's Ruby with the libraries that came with it, from any folder.
write_ruby() {
  cat >ruby <<'RUBY'
#!/bin/sh
# Made by rails72.sh.
usr="$(dirname "$(realpath "$0")")/ruby3.3/usr"
for loader in "$usr"/lib/*/ld-linux*.so.*; do :; done
arch="$(dirname "$loader")"
RUBY="$(realpath "$0")"
GEM_PATH="$arch/rubygems-integration/3.3.0"
export RUBY GEM_PATH
exec "$loader" --library-path "$arch" "$usr/bin/ruby3.3" -I "$usr/lib/ruby/vendor_ruby" \
  -I "$arch/ruby/vendor_ruby/3.3.0" -I "$usr/lib/ruby/3.3.0" -I "$arch/ruby/3.3.0" "$@"
RUBY
  chmod +x ruby
}

libs() {
  local rails="$folder/rails/usr"
  printf '%s:' "$rails"/share/rubygems-integration/all/gems/*/lib{,/concurrent-ruby}
  printf '%s\n' "$rails/lib/ruby/vendor_ruby"
}

recipe="$(sha256sum "$0" | cut -d' ' -f1)"
if [ "$(cat "$folder/complete" 2>/dev/null)" != "$recipe" ]; then
  [ ! -e "$folder" ] || [ -e "$folder/complete" ] || fail "$folder exists, and is not of mine"
  for tool in apt-get dpkg-deb; do
    command -v "$tool" >/dev/null || fail "$tool is missing: this needs Debian 12 or 13"
  done
  mkdir -p "$(dirname "$folder")"
  new="$(mktemp -d "$folder.XXXXXX")"
  trap 'rm -rf "$new"' EXIT
  cd "$new"
  fetch
  write_ruby
  "$new/ruby" -e 'gem "msgpack", ">= 1.7"; require "msgpack"; require "openssl"' ||
    fail "the Ruby that was fetched does not run here"
  printf '%s\n' "$recipe" >"$new/complete"
  rm -rf "$folder"
  chmod 755 "$new"
  mv "$new" "$folder"
  trap - EXIT
fi
libs
