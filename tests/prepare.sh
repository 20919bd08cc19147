#!/bin/bash
# Installs what building and testing need on Debian 12: prepare.sh [--developer]
# --developer adds the sanitizers' compiler, the formatting and linting tools, and what boots a Debian to try the package
# on. Does nothing when all is there.
set -u

usage() {
  echo "usage: prepare.sh [--developer]" >&2
  exit 2
}

packages=(
  g++ cmake ninja-build
  libboost1.81-dev libboost-program-options1.81-dev libboost-url1.81-dev
  libpugixml-dev libre2-dev libsqlite3-dev libssl-dev rapidjson-dev
  dpkg-dev file  # the Debian package
  # tests only
  catch2 libfaketime libxml2-utils locales nginx openssl prometheus python3 strace util-linux
)
case "${1-}" in
  "") ;;
  --developer)
    packages+=(clang libclang-rt-14-dev llvm clang-format clang-tidy debootstrap lintian man-db systemd-container)
    ;;
  *) usage ;;
esac
[ $# -le 1 ] || usage

say() { echo "prepare: $*" >&2; }

give_up() {
  say "$1"
  say "needed on Debian 12: ${packages[*]}"
  exit 1
}

find_missing() {
  missing=()
  local package
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 "$@" >&2; }

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  give_up "this is no Debian: install the packages' equivalents by hand and build with cmake --preset release"
fi
find_missing
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
  give_up "missing: ${missing[*]}. This user is not root and cannot use sudo without a password; as root:
prepare:   apt-get update && apt-get install --no-install-recommends ${missing[*]}"
fi
# nginx and prometheus are run by tests alone, as their own processes: the services that come with them must not take
# ports, neither now (what policy-rc.d forbids is not started) nor after the next boot.
services=()
keep_services_asleep() {
  local service
  for service in nginx prometheus; do
    [[ " ${missing[*]} " == *" $service "* ]] && services+=("$service")
  done
  [ ${#services[@]} -gt 0 ] || return 0
  [ -e /usr/sbin/policy-rc.d ] && return 0
  printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
  as_root chmod 755 /usr/sbin/policy-rc.d
  trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
}

say "installing ${missing[*]}"
keep_services_asleep
if ! apt update || ! apt install --no-install-recommends "${missing[@]}"; then
  give_up "apt-get failed; its reason is above"
fi
if [ ${#services[@]} -gt 0 ] && command -v systemctl >/dev/null; then
  as_root systemctl disable "${services[@]}" >&2 || say "${services[*]} start at the next boot unless you disable them"
fi
find_missing
[ ${#missing[@]} -eq 0 ] || give_up "still missing after apt-get: ${missing[*]}"
