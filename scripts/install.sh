#!/bin/sh
# install.sh demo|test: installs what is missing for `make demo` or `make test`. Neither sudo nor the network is
# touched when nothing is missing. Debian and Ubuntu (apt), macOS (Homebrew).
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# command  Debian package  Homebrew formula (- = comes with macOS, or is of no use there)
demo_tools='
ssh openssh-client -
sshd openssh-server -
sudo sudo -
tcpdump tcpdump -
ip iproute2 -
ps procps -
unshare util-linux -
perl perl-base -
wireshark wireshark --cask=wireshark
tshark tshark wireshark
'
test_tools="$demo_tools
setcap libcap2-bin -
Xvfb xvfb -
xdotool xdotool -
tcpreplay tcpreplay tcpreplay
tmux tmux tmux
fish fish fish
tcsh tcsh -
busybox busybox -
doas doas -
ksh ksh -
script bsdutils -
capinfos wireshark-common wireshark
editcap wireshark-common wireshark
"

usage() { echo "usage: install.sh demo|test" >&2; exit 2; }
missing() { # COLUMN: the packages of the commands that are not there
  printf '%s\n' "$tools" | while read -r command debian brew; do
    [ -n "$command" ] && ! command -v "$command" >/dev/null 2>&1 || continue
    if [ "$1" = debian ]; then echo "$debian"; elif [ "$brew" != - ]; then echo "$brew"; fi
  done | sort -u
  # One module of perl's that perl-base lacks: the lab's slow links are timed with it.
  if [ "$what" = test ] && [ "$1" = debian ] && ! perl -MTime::HiRes -e 1 2>/dev/null; then echo perl; fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1; then sudo "$@"
  else echo "install.sh: needs root or sudo to install:$packages" >&2; exit 1; fi
}

install_debian() {
  as_root apt-get update -qq
  # Wireshark's package asks whether its dumpcap may be used without root. The answer stays no: wrcap does not need it.
  if ! command -v dumpcap >/dev/null 2>&1; then
    echo 'wireshark-common wireshark-common/install-setuid boolean false' | as_root debconf-set-selections
  fi
  # shellcheck disable=SC2086
  if as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages; then return; fi
  # The demo also runs with tshark alone.
  packages=$(printf '%s\n' $packages | grep -vx wireshark)
  [ "$what" = demo ] && [ -n "$packages" ] || return 1
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
}

what=${1:-}
case $what in demo) tools=$demo_tools ;; test) tools=$test_tools ;; *) usage ;; esac
if [ "$(uname)" = Darwin ]; then kind=brew; else kind=debian; fi
packages=$(missing $kind | tr '\n' ' ')
[ -n "$packages" ] || exit 0
echo "installing: $packages"
case $kind in
  brew)
    command -v brew >/dev/null 2>&1 || { echo "install.sh: Homebrew is missing (https://brew.sh); needed: $packages" >&2; exit 1; }
    for package in $packages; do
      case $package in --cask=*) brew install --cask "${package#--cask=}" ;; *) brew install "$package" ;; esac
    done ;;
  debian)
    command -v apt-get >/dev/null 2>&1 || { echo "install.sh: no apt-get here; install these by hand: $packages" >&2; exit 1; }
    install_debian ;;
esac
