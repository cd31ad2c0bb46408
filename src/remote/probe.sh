# The probe: says in one round trip what a target has. Written and sent like minder.sh.
#
# stdin:  tag, privilege (auto, none, sudo, doas), link type to compile the filter for, filter (may be empty),
#         filter of packets that end the capture (may be empty), link types to compile that for, interfaces to
#         open (may be empty).
# stdout: "wrcap-probe TAG", lines "key value", "wrcap-probe-end TAG". A key may come several times; a tried command
#         gives lines of its output and then "KEY-exit CODE". Decisions are probe.rs's.

umask 077
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
export LC_ALL PATH
IFS= read -r tag && IFS= read -r privilege && IFS= read -r link && IFS= read -r filter && IFS= read -r match && IFS= read -r types && IFS= read -r devices || exit 125
exec </dev/null

say() {
  while IFS= read -r line || [ -n "$line" ]; do
    printf "%s %s\n" "$1" "$line"
  done
}

# Runs a command, says its words and its exit code, and gives that code.
try() {
  key=$1
  shift
  text=$("$@" 2>&1)
  code=$?
  printf "%s\n" "$text" | say "$key"
  printf "%s-exit %s\n" "$key" "$code"
  return "$code"
}

# By which connections captures came in that run here, whoever of this user started them. Ours is among them.
others() {
  for file in $(grep -l wrcap- /proc/[0-9]*/cmdline 2>/dev/null); do
    tr "\000" "\n" <"${file%cmdline}environ" 2>/dev/null | sed -n "s/^SSH_CONNECTION=//p"
  done
}

compile() {
  "$tcpdump" -y "$link" -d -- "$1" 2>&1 >/dev/null
}

# The second filter, compiled for each link type: what a stream has is known only once it flows.
programs() {
  for type in $types; do
    program=$("$tcpdump" -y "$type" -ddd -- "$match" 2>/dev/null | tr "\n" " ")
    [ -z "$program" ] || printf "program %s %s\n" "$type" "$program"
  done
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# Opening a device is the proof; -L opens it, lists its link types and captures nothing.
as_none() {
  "$tcpdump" "$@" -p -L
}

as_sudo() {
  sudo -n -- "$tcpdump" "$@" -p -L
}

as_tty() {
  SHELL=/bin/sh
  device=$*
  export SHELL tcpdump device
  script -qec "set -f; sudo -n -- \"\$tcpdump\" \$device -p -L" /dev/null
}

as_doas() {
  doas -n "$tcpdump" "$@" -p -L
}

try_none() {
  try none as_none "$@" && way=as_none
}

# Asks again below script(1) only where sudo wants a terminal.
try_sudo() {
  has sudo || return 1
  try sudo as_sudo "$@" && way=as_sudo && return 0
  case $text in
  *tty*) try tty as_tty "$@" && way=as_tty ;;
  *) return 1 ;;
  esac
}

try_doas() {
  has doas || return 1
  try doas as_doas "$@" && way=as_doas
}

# Opens the interfaces by the way that works, up to the first that does not open.
open_devices() {
  set -f
  for device in $devices; do
    text=$("$way" -i "$device" 2>&1) && continue
    printf "unopened %s\n" "$device"
    printf "%s\n" "$text" | say refusal
    set +f
    return
  done
  set +f
  printf "opened all\n"
}

printf "wrcap-probe %s\n" "$tag"
printf "ssh %s\n" "$SSH_CONNECTION"
others 2>/dev/null | say other
uname -s | say system
uname -r | say release
uname -n | say hostname
id -u | say uid
id -un | say user
date +%s | say clock
sed -n "s/^MemAvailable: *\([0-9]*\) kB$/\1/p" /proc/meminfo 2>/dev/null | say memory

tcpdump=$(command -v tcpdump)
if [ -n "$tcpdump" ]; then
  printf "tcpdump %s\n" "$tcpdump"
  "$tcpdump" --version 2>&1 | say version
  "$tcpdump" -D 2>/dev/null | say interface
  if [ -n "$filter" ]; then
    try filter compile "$filter"
  fi
  if [ -n "$match" ]; then
    try match compile "$match"
    programs
  fi
  way=
  set --
  [ "$(uname -s)" = Linux ] && set -- -i any
  case $privilege in
  none) try_none "$@" ;;
  sudo) try_sudo "$@" ;;
  doas) try_doas "$@" ;;
  *) try_none "$@" || try_sudo "$@" || try_doas "$@" ;;
  esac
  if [ -n "$way" ] && [ -n "$devices" ]; then
    open_devices
  fi
fi

client=${SSH_CONNECTION%% *}
client=${client#::ffff:}
if has ip; then
  ip -o link 2>/dev/null | say link
  ip -o addr 2>/dev/null | say address
  [ -z "$client" ] || ip -o route get "${client%%%*}" 2>/dev/null | say route
  ip -o route show default 2>/dev/null | say default
  ip -o -6 route show default 2>/dev/null | say default
else
  ifconfig -a 2>/dev/null | say ifconfig
  [ -z "$client" ] || route -n get "${client%%%*}" 2>/dev/null | say route
  route -n get default 2>/dev/null | say default
fi
printf "wrcap-probe-end %s\n" "$tag"
