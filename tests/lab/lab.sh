#!/usr/bin/env bash
# A bastion and targets on this machine, with real sshd, sudo and tcpdump, for the tests and for `wrcap demo`.
# One self-contained file (it is embedded in the binary) that runs from any path, with bash 3.2 or later.
#
#   client = this machine ---- br1 ---- bastion ---- br0 ---- t1, t2, t3 ...      (only the bastion reaches the targets)
#
# Every host is a network, mount, pid and uts namespace of its own: private /etc, /home, /run, /tmp and /var/log
# on tmpfs, so nothing of this machine's configuration is touched. `lab.sh help` lists the verbs.
# Exit codes: 0 done, 1 failed, 2 wrong usage, 3 this machine cannot (tools or rights are missing; stderr says which).
set -u
export LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

SELF=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/$(basename "${BASH_SOURCE[0]}")
REGISTRY=/run/wrcap-lab
LOGIN=ec2-user
LOGIN_UID=61777
MARKER=.wrcap-lab
HOST_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

usage() {
  cat <<'TXT'
lab.sh up [--prefix P] [--dir DIR] [--targets N] [--owner PID|none] [--site NAME] [--label PRE] [--ipv6] [--loopback]
          builds the lab; prints DIR/env. --owner PID (default none): the lab ends by itself when PID ends
lab.sh down | status | env           (all verbs take --prefix P or --dir DIR; not needed when only one lab is up)
lab.sh reap                          removes labs whose owner is gone
lab.sh set HOST key=value...         HOST: t1..tN or bastion
   sudo=all|tcpdump-only|password|password-tcpdump-only|requiretty|none     doas=on|off
   caps=on|off  tcpdump=on|off      shell=sh|bash|banner|fish|csh|ksh|busybox
   auth=key|password|kbd|any|key+password|key+kbd   forwarding=yes|no   maxsessions=N   maxstartups=N[:P:M]
   hostkey=new|old                   (known_hosts keeps the old one)
lab.sh link HOST [delay=50ms] [jitter=5ms] [rate=2mbit] [loss=5%] [limit=BYTES] | down | up | clear
          each direction of HOST's link (the bastion's: to the client), so delay=50ms adds 100 ms to a round trip;
          down: silence without a reset; up: as before; clear: a plain cable again
lab.sh traffic HOST|all start [http|dns|ping|syslog]... [rate=N] | stop
          the server is HOST, the client the next target
lab.sh replay HOST FILE.pcap [PPS]   injects the file into HOST's quiet interface cap0 (tcpreplay)
lab.sh exec HOST [--user] -- CMD...  inside HOST as root, or as the login user
lab.sh ps HOST                       HOST's processes but the lab's own: pid, user, state, command (tab separated)
lab.sh ssh HOST [CMD...]             plain ssh through the bastion
lab.sh log HOST                      what its sshd wrote
TXT
}

say() { printf 'lab: %s\n' "$*" >&2; }
die() { say "$1"; exit "${2:-1}"; }
wrong() { say "$*"; say "'lab.sh help' lists the verbs"; exit 2; }
have() { command -v "$1" >/dev/null 2>&1; }

# until_ok SECONDS CMD...: repeats CMD until it holds.
until_ok() {
  local left=$(($1 * 20)); shift
  until "$@" 2>/dev/null; do
    left=$((left - 1)); [ $left -gt 0 ] || return 1
    sleep 0.05
  done
}

# --- which lab -------------------------------------------------------------------------------------------------

start_of() { local s; s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1; s=${s##*) }; set -- $s; echo "${20}"; }
value_of() { sed -n "s/^$2=//p" "$1" 2>/dev/null | head -n 1; }
owner_alive() { # REGISTRY-FILE: a pid alone is not an identity, its start time makes it one
  local pid; pid=$(value_of "$1" OWNER)
  [ "$pid" = none ] || { [ -n "$pid" ] && [ "$(start_of "$pid")" = "$(value_of "$1" OWNER_START)" ]; }
}

find_lab() {
  if [ -z "$DIR" ] && [ -z "$PREFIX" ]; then
    set -- "$REGISTRY"/*
    [ $# = 1 ] && [ -e "$1" ] || die "name the lab: --prefix P or --dir DIR ($(ls "$REGISTRY" 2>/dev/null | wc -l | tr -d ' ') are up)" 2
    PREFIX=${1##*/}
  fi
  [ -n "$DIR" ] || DIR=$(value_of "$REGISTRY/$PREFIX" DIR)
  if [ -n "$DIR" ] && [ -e "$DIR/$MARKER" ]; then
    MODE=$(value_of "$DIR/$MARKER" MODE); TARGETS=$(value_of "$DIR/$MARKER" TARGETS)
    [ -n "$PREFIX" ] || PREFIX=$(value_of "$DIR/$MARKER" PREFIX)
  fi
}

need_lab() {
  find_lab
  [ -n "${MODE:-}" ] || die "no lab is up there"
  [ "$MODE" = "${1:-$MODE}" ] || die "'$VERB' needs a lab in namespaces (this one runs on loopback)"
  [ "$MODE" = loopback ] || [ "$(id -u)" = 0 ] || die "needs root" 3
}

names() { local i; echo bastion; for ((i = 1; i <= TARGETS; i++)); do echo "t$i"; done; }
need_host() { names | grep -qx -- "${1:-}" || wrong "no host '${1:-}' here: $(names | tr '\n' ' ')"; }
netns() { echo "wrcap-$PREFIX-$1"; }
client_dev() { echo "wl-$PREFIX"; }
host_dir() { echo "$DIR/hosts/$1"; }
host_env() { value_of "$DIR/env" "$(echo "$1" | tr a-z A-Z)_$2"; }

# in_host HOST CMD...: as root inside all of the host's namespaces, with a clean environment.
in_host() {
  local pid; pid=$(cat "$(host_dir "$1")/init.pid") || return 1; shift
  (cd / && exec nsenter -t "$pid" -m -n -p -u -- env -i PATH="$HOST_PATH" \
    HOME=/root TERM="${TERM:-dumb}" "$@")
}
put() { in_host "$1" sh -c 'umask 077; cat >"$1.new" && chmod "$2" "$1.new" && mv -f "$1.new" "$1"' sh "$2" "$3"; }

# --- one host, from the inside: pid 1 of its pid namespace ----------------------------------------------------------

# Arguments: NAME DIR. Everything wanted from DIR is read before the mounts, which may hide it.
host_init() {
  local name=$1 dir=$2 ready hostpid _ inner inner_pub key host_key host_pub hosts d
  exec 7>"$dir/hosts/$name/ready"
  mkfifo -m 600 "$dir/hosts/$name/stay" && exec 8<>"$dir/hosts/$name/stay"
  read -r hostpid _ </proc/self/stat
  echo "$hostpid" >"$dir/hosts/$name/init.pid"
  inner=$(cat "$dir/inner"); inner_pub=$(cat "$dir/inner.pub"); key=$(cat "$dir/id_ed25519.pub")
  host_key=$(cat "$dir/hosts/$name/hostkey"); host_pub=$(cat "$dir/hosts/$name/hostkey.pub"); hosts=$(cat "$dir/hosts.txt")
  set -e
  umask 022
  cd /
  mount -t proc proc /proc
  mount -t tmpfs -o mode=755 lab /run
  mkdir /run/lab /run/lab/home /run/lab/log /run/sshd
  mkdir -m 1777 /run/lab/tmp
  cp -a /etc /run/lab/etc
  mount --bind /run/lab/etc /etc
  mount --bind /run/lab/home /home
  mount --bind /run/lab/log /var/log
  mount --bind /run/lab/tmp /tmp
  mount --bind /run/lab/tmp /var/tmp
  [ ! -d /var/lib/sudo ] || mount -t tmpfs -o mode=711 lab /var/lib/sudo

  echo "$name" >/proc/sys/kernel/hostname
  echo "$name" >/etc/hostname
  printf '127.0.0.1 localhost\n%s\n' "$hosts" >/etc/hosts
  : >/etc/resolv.conf.lab && mv -f /etc/resolv.conf.lab /etc/resolv.conf
  # `*` and not `!`: sshd refuses every login to an account that is locked.
  for d in passwd shadow group gshadow; do [ ! -e /etc/$d ] || sed -i "/^$LOGIN:/d" /etc/$d; done
  echo "$LOGIN:x:$LOGIN_UID:$LOGIN_UID:lab user:/home/$LOGIN:/bin/sh" >>/etc/passwd
  echo "$LOGIN:x:$LOGIN_UID:" >>/etc/group
  echo "$LOGIN:*:19000:0:99999:7:::" >>/etc/shadow
  # pam_unix alone: what this machine's own stack adds (systemd sessions, motd, network logins) stays out.
  for d in sshd sudo sudo-i doas; do
    printf '%s required pam_unix.so\n' auth account password session >/etc/pam.d/$d
  done
  rm -rf /etc/sudoers.d /etc/doas.conf /etc/ssh/ssh_config.d && mkdir -m 750 /etc/sudoers.d
  mkdir -p /home/$LOGIN/.ssh
  printf '%s\n%s\n' "$key" "$inner_pub" >/home/$LOGIN/.ssh/authorized_keys
  if [ "$name" != bastion ]; then
    printf '%s\n' "$inner" >/home/$LOGIN/.ssh/id_ed25519
    printf 'Host *\n  StrictHostKeyChecking accept-new\n' >/home/$LOGIN/.ssh/config
  fi
  chmod -R go= /home/$LOGIN/.ssh
  chown -R $LOGIN_UID:$LOGIN_UID /home/$LOGIN
  (umask 077 && printf '%s\n' "$host_key" >/etc/ssh/lab_hostkey)
  printf '%s\n' "$host_pub" >/etc/ssh/lab_hostkey.pub
  cp -p /etc/ssh/lab_hostkey /etc/ssh/lab_hostkey.old
  cp -p /etc/ssh/lab_hostkey.pub /etc/ssh/lab_hostkey.pub.old
  echo ready >&7
  exec 7>&-
  # Nobody writes to fd 8. bash reaps the orphans that land on pid 1 meanwhile.
  while :; do read -r _ <&8 || :; done
}

# --- knobs -----------------------------------------------------------------------------------------------------------

knob() { value_of "$(host_dir "$1")/knobs" "$2"; }
remember() {
  local f; f=$(host_dir "$1")/knobs
  { grep -v "^$2=" "$f" 2>/dev/null; echo "$2=$3"; } >"$f.new" && mv -f "$f.new" "$f"
}

tcpdump_path() { readlink -f "$(command -v tcpdump)"; }

apply_sudo() {
  local bin rule=; bin=$(tcpdump_path)
  case $2 in
    all | requiretty) rule="ALL=(ALL:ALL) NOPASSWD: ALL" ;;
    tcpdump-only) rule="ALL=(root) NOPASSWD: $bin" ;;
    password) rule="ALL=(ALL:ALL) ALL" ;;
    password-tcpdump-only) rule="ALL=(root) $bin" ;;
    none) ;;
    *) wrong "sudo=$2: all, tcpdump-only, password, password-tcpdump-only, requiretty or none" ;;
  esac
  {
    printf 'Defaults env_reset, secure_path="%s", use_pty\n' "$HOST_PATH"
    printf 'Defaults !mail_badpass, !mail_no_user, passwd_tries=3\n'
    [ "$2" != requiretty ] || printf 'Defaults requiretty\n'
    printf 'root ALL=(ALL:ALL) ALL\n'
    [ -z "$rule" ] || printf '%s %s\n' "$LOGIN" "$rule"
  } | put "$1" /etc/sudoers 440
}

apply_doas() {
  local bin; bin=$(tcpdump_path)
  case $2 in
    on) printf 'permit nopass %s as root cmd %s\n' "$LOGIN" "$bin" "$LOGIN" tcpdump | put "$1" /etc/doas.conf 400 ;;
    off) in_host "$1" rm -f /etc/doas.conf ;;
    *) wrong "doas=$2: on or off" ;;
  esac
}

# Two knobs, one place: a copy with capabilities over tcpdump's path, or a folder of links without it over its folder, or nothing.
apply_tcpdump() {
  local host=$1 caps hide
  caps=$(knob "$host" caps); hide=$(knob "$host" tcpdump)
  in_host "$host" sh -c 'while umount "$1" 2>/dev/null || umount -l "${1%/*}" 2>/dev/null; do :; done; rm -rf /run/lab/bin' sh "$(tcpdump_path)"
  if [ "$hide" = off ]; then
    in_host "$host" sh -c 'd=${1%/*}; mkdir -p /run/lab/bin /run/lab/allbin && { mountpoint -q /run/lab/allbin || mount --bind "$d" /run/lab/allbin; } &&
      cp -as /run/lab/allbin/. /run/lab/bin/ && rm -f "/run/lab/bin/${1##*/}" && mount --bind /run/lab/bin "$d"' sh "$(tcpdump_path)"
  elif [ "$caps" = on ]; then
    have setcap || die "caps=on needs setcap (apt-get install libcap2-bin)" 3
    in_host "$host" sh -c 'rm -f /run/lab/tcpdump; cp "$1" /run/lab/tcpdump && chmod 755 /run/lab/tcpdump &&
      setcap cap_net_raw+ep /run/lab/tcpdump && mount --bind /run/lab/tcpdump "$1"' sh "$(tcpdump_path)"
  fi
}

apply_shell() {
  local path
  case $2 in
    sh | bash | fish | ksh) path=$(command -v "$2") ;;
    csh) path=$(command -v csh || command -v tcsh) ;;
    banner) path=/run/lab/banner-shell
      printf '%s\n' '#!/bin/sh' 'printf "*** Authorised use only. Everything is logged. ***\nLast update: \033[1mtoday\033[0m\n"' \
        'printf "quota: no limit"' 'exec /bin/sh "$@"' | put "$1" $path 755 ;;
    busybox) path=/run/lab/busybox-shell
      printf '%s\n' '#!/bin/sh' "exec $(command -v busybox) sh \"\$@\"" | put "$1" $path 755
      have busybox || path= ;;
    *) wrong "shell=$2: sh, bash, banner, fish, csh, ksh or busybox" ;;
  esac
  [ -n "$path" ] || die "shell=$2: not installed here" 3
  in_host "$1" sh -c 'sed -i "s|^\($1:.*:\)[^:]*\$|\1$2|" /etc/passwd; grep -qx "$2" /etc/shells 2>/dev/null || echo "$2" >>/etc/shells' sh $LOGIN "$path"
}

apply_hostkey() {
  case $2 in
    new) in_host "$1" sh -c 'cd /etc/ssh && rm -f lab_hostkey lab_hostkey.pub && ssh-keygen -q -t ed25519 -N "" -C lab -f lab_hostkey' ;;
    old) in_host "$1" sh -c 'cd /etc/ssh && cp -p lab_hostkey.old lab_hostkey && cp -p lab_hostkey.pub.old lab_hostkey.pub' ;;
    *) wrong "hostkey=$2: new or old" ;;
  esac
}

# Servers from 9.8 on punish addresses that fail to log in; a test that fails on purpose must not lock out the next one.
penalties_known() {
  local v; v=$(ssh -V 2>&1 | sed 's/[^0-9]*\([0-9]*\)\.\([0-9]*\).*/\1 \2/'); set -- $v
  [ "${1:-0}" -gt 9 ] || { [ "${1:-0}" = 9 ] && [ "${2:-0}" -ge 8 ]; }
}

sshd_common() {
  cat <<TXT
StrictModes yes
UseDNS no
LogLevel VERBOSE
PrintMotd no
X11Forwarding no
PermitTunnel no
MaxSessions ${1:-10}
MaxStartups ${2:-10:30:100}
AllowTcpForwarding ${3:-yes}
TXT
  ! penalties_known || echo "PerSourcePenalties no"
}

sshd_config() {
  local auth password=no kbd=no key=yes methods=any
  auth=$(knob "$1" auth)
  case $auth in
    key) ;;
    password) password=yes key=no ;;
    kbd) kbd=yes key=no ;;
    any) password=yes kbd=yes ;;
    key+password) password=yes methods=publickey,password ;;
    key+kbd) kbd=yes methods=publickey,keyboard-interactive ;;
    *) wrong "auth=$auth: key, password, kbd, any, key+password or key+kbd" ;;
  esac
  sshd_common "$(knob "$1" maxsessions)" "$(knob "$1" maxstartups)" "$(knob "$1" forwarding)"
  cat <<TXT
Port 22
HostKey /etc/ssh/lab_hostkey
PidFile /run/sshd.pid
UsePAM yes
PermitRootLogin no
PubkeyAuthentication $key
PasswordAuthentication $password
KbdInteractiveAuthentication $kbd
AuthenticationMethods $methods
TXT
}

sshd_answers() { in_host "$1" bash -c 'exec 3<>/dev/tcp/127.0.0.1/22 && read -r -t 1 line <&3 && [ "${line#SSH-}" != "$line" ]' 2>/dev/null; }
sshd_gone() { in_host "$1" sh -c '[ ! -e /run/sshd.pid ]'; }

# Only the listener is replaced: connections that are open stay open.
apply_sshd() {
  local host=$1 log; log=$DIR/log/$host.sshd
  sshd_config "$host" | put "$host" /etc/ssh/sshd_config 600 || return 1
  in_host "$host" "$(command -v sshd)" -t -f /etc/ssh/sshd_config 2>>"$log" || die "$host: sshd refuses its configuration: $(tail -n 1 "$log")"
  if ! sshd_gone "$host"; then
    in_host "$host" sh -c 'kill "$(cat /run/sshd.pid)"'
    until_ok 5 sshd_gone "$host" || die "$host: the old sshd does not end"
  fi
  in_host "$host" setsid -f "$(command -v sshd)" -D -e -f /etc/ssh/sshd_config </dev/null >>"$log" 2>&1 9>&- 6>&-
  until_ok 10 sshd_answers "$host" || die "$host: sshd does not answer: $(tail -n 3 "$log")"
}

apply_knob() {
  case $2 in
    sudo) apply_sudo "$1" "$3" ;;
    doas) apply_doas "$1" "$3" ;;
    caps | tcpdump) case $3 in on | off) ;; *) wrong "$2=$3: on or off" ;; esac ;;
    shell) apply_shell "$1" "$3" ;;
    hostkey) apply_hostkey "$1" "$3" ;;
    auth | forwarding | maxsessions | maxstartups) ;;
    *) wrong "no knob '$2'" ;;
  esac
}

verb_set() {
  local host=${1:-} pair sshd=0 dump=0
  need_lab netns; need_host "$host"; shift
  [ $# -gt 0 ] || wrong "set $host what? key=value"
  for pair in "$@"; do
    case $pair in ?*=?*) ;; *) wrong "'$pair' is not key=value" ;; esac
    apply_knob "$host" "${pair%%=*}" "${pair#*=}" || die "$host: could not set $pair"
    remember "$host" "${pair%%=*}" "${pair#*=}"
    case ${pair%%=*} in
      auth | forwarding | maxsessions | maxstartups | hostkey) sshd=1 ;;
      caps | tcpdump) dump=1 ;;
    esac
  done
  [ $dump = 0 ] || apply_tcpdump "$host" || die "$host: could not change tcpdump"
  [ $sshd = 0 ] || apply_sshd "$host"
}

# --- up ----------------------------------------------------------------------------------------------------------------

need_tools() {
  local missing= pkgs= t
  while read -r t pkg; do
    have "$t" || { missing="$missing $t"; pkgs="$pkgs $pkg"; }
  done
  [ -z "$missing" ] && return
  say "missing:$missing"
  pkgs=$(echo "$pkgs" | tr ' ' '\n' | sort -u | tr '\n' ' ')
  if [ "$(uname)" = Darwin ]; then say "hint: brew install$pkgs"; else say "hint: sudo apt-get install -y$pkgs"; fi
  exit 3
}

register() { mkdir -p -m 700 "$REGISTRY" && printf '%s\n' "DIR=$DIR" "OWNER=$OWNER" "OWNER_START=$(start_of "$OWNER")" >"$REGISTRY/$PREFIX"; }

# A /16 whose addresses no route of this machine knows (the default route aside).
pick_net() {
  local i n seed net; seed=$(printf %s "$PREFIX" | cksum | cut -d' ' -f1)
  for ((i = 0; i < 180; i++)); do
    n=$(((seed + i) % 180 + 70)); net=10.$n
    [ -z "$(ip -4 route show to match $net.1.1/32 | grep -v ^default)" ] && [ -z "$(ip -4 route show root $net.0.0/16)" ] && { echo $net; return; }
  done
  # A route for all of 10/8 (a VPN): the benchmark networks of RFC 2544 are in nobody's way.
  for net in 198.18 198.19; do [ -n "$(ip -4 route show root $net.0.0/16)" ] || { echo $net; return; }; done
  return 1
}

add_ns() {
  local ns; ns=$(netns "$1")
  ip netns add "$ns" || die "cannot make a network namespace here" 3
  ip netns exec "$ns" sh -c 'for f in all default; do echo "$1" >/proc/sys/net/ipv6/conf/$f/disable_ipv6; done 2>/dev/null
    echo 0 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables; :' sh "$NO_IPV6" 2>/dev/null
  ip -n "$ns" link set lo up
}

# address HOST-or-client DEV V4 [V6]
address() {
  local n=; [ "$1" = client ] || n="-n $(netns "$1")"
  # shellcheck disable=SC2086
  { ip $n addr add "$3/24" dev "$2" && ip $n link set "$2" up; } || return 1
  # shellcheck disable=SC2086
  [ "$NO_IPV6" = 1 ] || ip $n addr add "$4/64" dev "$2" nodad
}

plug() { # HOST DEV PORT BRIDGE: a cable from the host's DEV to a bridge of the switch
  ip -n "$(netns sw)" link add "$3" type veth peer name "$2" netns "$(netns "$1")" && ip -n "$(netns sw)" link set "$3" master "$4" up
}

build_network() {
  local sw i net=$1 v6; sw=$(netns sw); v6=fd00:${net##*.}
  for i in sw $(names); do add_ns "$i"; done
  for i in br0 br1; do
    ip -n "$sw" link add $i type bridge mcast_snooping 0 && ip -n "$sw" link set $i up || die "cannot make a bridge here" 3
  done
  ip link add "$(client_dev)" type veth peer name client netns "$sw" || die "cannot make a veth pair here" 3
  ip -n "$sw" link set client master br1 up
  plug bastion eth0 bastion br1 && plug bastion eth1 inner br0 || return 1
  [ "$NO_IPV6" = 0 ] || echo 1 >"/proc/sys/net/ipv6/conf/$(client_dev)/disable_ipv6" 2>/dev/null
  address client "$(client_dev)" "$net.0.1" "$v6:0::1" && address bastion eth0 "$net.0.2" "$v6:0::2" || return 1
  address bastion eth1 "$net.1.1" "$v6:1::1" || return 1
  for ((i = 1; i <= TARGETS; i++)); do
    plug "t$i" eth0 "t$i" br0 || return 1
    address "t$i" eth0 "$net.1.$((10 + i))" "$v6:1::$((10 + i))" || return 1
    # The quiet pair: no addresses, no ARP, no IPv6, so the only packets on cap0 are those that `replay` sends.
    ip -n "$sw" link add "t${i}cap" type veth peer name cap0 netns "$(netns "t$i")" || return 1
    ip netns exec "$sw" sh -c 'echo 1 >"/proc/sys/net/ipv6/conf/$1/disable_ipv6"' sh "t${i}cap" 2>/dev/null
    ip netns exec "$(netns "t$i")" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/cap0/disable_ipv6' 2>/dev/null
    ip -n "$sw" link set "t${i}cap" arp off up && ip -n "$(netns "t$i")" link set cap0 arp off up || return 1
  done
}

write_env() { # NET
  local i net=$1 u v6; v6=fd00:${net##*.}
  {
    printf '%s\n' LAB_MODE=netns "LAB_PREFIX=$PREFIX" "LAB_DIR=$DIR" "LAB_TARGETS=$TARGETS" "LAB_USER=$LOGIN" "LAB_PASSWORD=$PASSWORD" \
      "LAB_IDENTITY=$DIR/id_ed25519" "LAB_KNOWN_HOSTS=$DIR/known_hosts" "LAB_SSH_CONFIG=$DIR/ssh_config" "LAB_PROFILES=$DIR/profiles" \
      "LAB_SITE=$SITE" "LAB_LABEL=$LABEL" "CLIENT_IP=$net.0.1" "BASTION_IP=$net.0.2" BASTION_PORT=22 "BASTION_INNER_IP=$net.1.1" "BASTION_NETNS=$(netns bastion)"
    for ((i = 1; i <= TARGETS; i++)); do
      u=T$i
      printf '%s\n' "${u}_IP=$net.1.$((10 + i))" "${u}_PORT=22" "${u}_IFACE=eth0" "${u}_QUIET_IFACE=cap0" "${u}_NETNS=$(netns "t$i")"
      [ "$NO_IPV6" = 1 ] || echo "${u}_IP6=$v6:1::$((10 + i))"
    done
  } >"$DIR/env"
}

# The site for wrcap and the same for plain ssh. Reads DIR/env, so both modes share it.
write_site() {
  local i user port bastion; user=$(value_of "$DIR/env" LAB_USER); bastion=$(value_of "$DIR/env" BASTION_IP); port=$(value_of "$DIR/env" BASTION_PORT)
  {
    echo "# Written by lab.sh; gone when the lab is."
    echo "via: [\"$user@$bastion:$port\"]"
    echo "defaults:"
    echo "  user: \"$user\""
    echo "  identity: \"$DIR/id_ed25519\""
    echo "  host_key: strict"
    echo "  ssh_options: { UserKnownHostsFile: \"$DIR/known_hosts\", IdentitiesOnly: \"yes\", IdentityAgent: none }"
    echo "targets:"
    for ((i = 1; i <= TARGETS; i++)); do
      printf '  %s%s: { host: %s, port: %s' "$LABEL" "$i" "$(host_env "t$i" IP)" "$(host_env "t$i" PORT)"
      [ "$MODE" = netns ] || printf ', interface: %s, filter: "port %s"' "$(host_env "t$i" IFACE)" "$(host_env "t$i" TRAFFIC_PORT)"
      printf ' }\n'
    done
  } >"$DIR/profiles/$SITE.yaml"
  {
    printf 'Host bastion\n  HostName %s\n  Port %s\n' "$bastion" "$port"
    for ((i = 1; i <= TARGETS; i++)); do
      printf 'Host t%s\n  HostName %s\n  Port %s\n  ProxyJump bastion\n' "$i" "$(host_env "t$i" IP)" "$(host_env "t$i" PORT)"
    done
    printf 'Host *\n  User %s\n  IdentityFile %s\n  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile %s\n  GlobalKnownHostsFile none\n  StrictHostKeyChecking yes\n  LogLevel ERROR\n' \
      "$user" "$DIR/id_ed25519" "$DIR/known_hosts"
  } >"$DIR/ssh_config"
  chmod 600 "$DIR/ssh_config" "$DIR/env"
}

write_keys() {
  local h
  ssh-keygen -q -t ed25519 -N '' -C lab-client -f "$DIR/id_ed25519" && ssh-keygen -q -t ed25519 -N '' -C lab-inner -f "$DIR/inner" || return 1
  for h in $(names); do mkdir -p "$(host_dir "$h")" && ssh-keygen -q -t ed25519 -N '' -C lab -f "$(host_dir "$h")/hostkey" || return 1; done
}

write_known_hosts() {
  local h addr key
  for h in $(names); do
    key=$(cut -d' ' -f1,2 "$(host_dir "$h")/hostkey.pub")
    for addr in $(host_env "$h" IP) $(host_env "$h" IP6); do
      [ "$(host_env "$h" PORT)" = 22 ] && echo "$addr $key" || echo "[$addr]:$(host_env "$h" PORT) $key"
    done
  done >"$DIR/known_hosts"
}

start_host() {
  local host=$1 d line=; d=$(host_dir "$host")
  mkfifo -m 600 "$d/ready" && exec 6<>"$d/ready" || return 1
  # A session of its own: a Ctrl-c, or the end of a test's process group, must not reach the host.
  setsid ip netns exec "$(netns "$host")" unshare -m -p -u -f --propagation slave env -i PATH="$HOST_PATH" \
    bash "$SELF" __init "$host" "$DIR" </dev/null >>"$DIR/log/$host.init" 2>&1 6>&- 9>&- &
  read -r -t 20 line <&6; exec 6>&-
  [ "$line" = ready ] || { say "$host does not come up: $(tail -n 3 "$DIR/log/$host.init")"; return 1; }
  rm -f "$d/ready" "$d/stay"
  printf '%s:%s\n' "$LOGIN" "$PASSWORD" | in_host "$host" chpasswd -c SHA512 2>>"$DIR/log/$host.init" || return 1
  printf '%s\n' sudo=all doas=off caps=off tcpdump=on shell=sh auth=key forwarding=yes maxsessions=10 maxstartups=10:30:100 hostkey=old >"$d/knobs"
  apply_sudo "$host" all && apply_sshd "$host"
}

make_dir() {
  umask 077
  if [ -z "$DIR" ]; then DIR=$(mktemp -d "${TMPDIR:-/tmp}/wrcap-lab.XXXXXX") || exit 1; fi
  case $DIR in /*) ;; *) DIR=$PWD/$DIR ;; esac
  case $DIR in *[!A-Za-z0-9_./@%+,:=-]*) die "the folder's path may hold letters, digits and _./@%+,:=- only: $DIR" 2 ;; esac
  if [ -d "$DIR" ] && [ ! -e "$DIR/$MARKER" ] && [ -n "$(ls -A "$DIR")" ]; then die "$DIR is not empty and not a lab's" 2; fi
  mkdir -p "$DIR/profiles" "$DIR/hosts" "$DIR/log" && chmod 700 "$DIR" || exit 1
  printf '%s\n' "MODE=$MODE" "PREFIX=$PREFIX" "TARGETS=$TARGETS" >"$DIR/$MARKER"
}

up_netns() {
  local net host jobs= j bad=0 old
  [ "$(uname)" = Linux ] || die "network namespaces are Linux only; try --loopback" 3
  [ "$(id -u)" = 0 ] || die "needs root (sudo), or --loopback" 3
  need_tools <<'TXT'
ip iproute2
sshd openssh-server
ssh openssh-client
ssh-keygen openssh-client
sudo sudo
tcpdump tcpdump
unshare util-linux
nsenter util-linux
chpasswd passwd
TXT
  mkdir -p -m 700 "$REGISTRY" || exit 1
  old=$REGISTRY/$PREFIX
  if [ -e "$old" ] && owner_alive "$old" && [ "$(value_of "$old" OWNER)" != "$OWNER" ] && [ "$(value_of "$old" OWNER)" != none ]; then
    die "lab '$PREFIX' is in use by process $(value_of "$old" OWNER)"
  fi
  remove_netns_lab "$PREFIX"
  verb_reap
  mkdir -p -m 700 "$REGISTRY"
  make_dir
  trap 'trap - EXIT; remove_netns_lab "$PREFIX"' EXIT
  trap 'exit 1' INT TERM HUP
  # Another lab that goes down may take the empty registry away in between.
  until_ok 5 register || die "could not write to $REGISTRY"
  PASSWORD=lab-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
  write_keys &
  jobs=$!
  # Two labs at once must not choose the same network.
  exec 9<"$REGISTRY"; flock 9
  net=$(pick_net) || die "no free private network here" 3
  build_network "$net" || die "could not build the network"
  exec 9<&-
  wait "$jobs" || die "could not make the keys"
  write_env "$net"; write_known_hosts; write_site
  {
    echo "$net.1.1 bastion"
    for host in $(names | grep -v bastion); do echo "$(host_env "$host" IP) $host"; done
  } >"$DIR/hosts.txt"
  jobs=
  for host in $(names); do start_host "$host" & jobs="$jobs $!"; done
  for j in $jobs; do wait "$j" || bad=1; done
  [ $bad = 0 ] || die "the lab did not come up"
  if [ "$WATCH" = 1 ]; then
    setsid bash "$SELF" __watch "$PREFIX" </dev/null >/dev/null 2>&1 &
    echo "WATCH=$!" >>"$REGISTRY/$PREFIX"
  fi
  trap - EXIT INT TERM HUP
  echo "$DIR/env"
}

# --- the unprivileged lab: one sshd a host, on loopback ports, as the current user ------------------------------------------

port_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
pick_ports() { # COUNT: that many free ports in a row
  local base i
  for ((i = 0; i < 50; i++)); do
    base=$((20000 + RANDOM % 12000))
    for ((j = 0; j < $1; j++)); do port_free $((base + j)) || continue 2; done
    echo $base; return
  done
  return 1
}

ours() { # PIDFILE TEXT: the pid, if that process still runs and has TEXT in its command line
  local pid; pid=$(cat "$1" 2>/dev/null) || return 1
  case "$(ps -o args= -p "$pid" 2>/dev/null)" in *"$2"*) echo "$pid" ;; *) return 1 ;; esac
}

start_loopback_sshd() {
  local host=$1 port=$2 d; d=$(host_dir "$host")
  {
    sshd_common
    printf '%s\n' "Port $port" "ListenAddress 127.0.0.1" "HostKey $d/hostkey" "PidFile $d/sshd.pid" "UsePAM no" \
      "PermitRootLogin prohibit-password" "AuthorizedKeysFile $DIR/authorized_keys" "PasswordAuthentication no" "KbdInteractiveAuthentication no"
  } | sed 's/^StrictModes yes/StrictModes no/' >"$d/sshd_config"
  "$(command -v sshd)" -t -f "$d/sshd_config" 2>>"$DIR/log/$host.sshd" || { say "$host: $(tail -n 1 "$DIR/log/$host.sshd")"; return 1; }
  "$(command -v sshd)" -D -e -f "$d/sshd_config" </dev/null >>"$DIR/log/$host.sshd" 2>&1 &
  until_ok 10 test -s "$d/sshd.pid" || { say "$host: $(tail -n 1 "$DIR/log/$host.sshd")"; return 1; }
}

tcpdump_rights() {
  if [ "$(id -u)" = 0 ]; then echo root
  elif ! have tcpdump; then echo missing
  elif tcpdump -i "$1" -d >/dev/null 2>&1; then echo own # -d opens the interface, prints and ends
  elif sudo -n tcpdump --version >/dev/null 2>&1; then echo sudo
  else echo none; fi
}

up_loopback() {
  local base i h lo=lo user; user=$(id -un)
  [ "$(uname)" != Darwin ] || lo=lo0
  need_tools <<'TXT'
sshd openssh-server
ssh openssh-client
ssh-keygen openssh-client
tcpdump tcpdump
TXT
  make_dir
  trap 'trap - EXIT; remove_loopback_lab' EXIT
  trap 'exit 1' INT TERM HUP
  [ "$(id -u)" != 0 ] || [ -d /run/sshd ] || [ ! -d /run ] || mkdir -m 755 /run/sshd
  write_keys || die "could not make the keys"
  cp "$DIR/id_ed25519.pub" "$DIR/authorized_keys"
  base=$(pick_ports $((2 * TARGETS + 1))) || die "no free ports on loopback"
  {
    printf '%s\n' LAB_MODE=loopback "LAB_PREFIX=$PREFIX" "LAB_DIR=$DIR" "LAB_TARGETS=$TARGETS" "LAB_USER=$user" "LAB_IDENTITY=$DIR/id_ed25519" \
      "LAB_KNOWN_HOSTS=$DIR/known_hosts" "LAB_SSH_CONFIG=$DIR/ssh_config" "LAB_PROFILES=$DIR/profiles" "LAB_SITE=$SITE" "LAB_LABEL=$LABEL" \
      "LAB_TCPDUMP=$(tcpdump_rights $lo)" BASTION_IP=127.0.0.1 "BASTION_PORT=$base"
    for ((i = 1; i <= TARGETS; i++)); do
      printf '%s\n' "T${i}_IP=127.0.0.1" "T${i}_PORT=$((base + i))" "T${i}_IFACE=$lo" "T${i}_TRAFFIC_PORT=$((base + TARGETS + i))"
    done
  } >"$DIR/env"
  write_known_hosts; write_site
  for h in $(names); do start_loopback_sshd "$h" "$(host_env "$h" PORT)" || die "the lab did not come up"; done
  ssh -n -F "$DIR/ssh_config" -o ConnectTimeout=10 "t$TARGETS" true 2>>"$DIR/log/login" ||
    die "$user cannot log in to its own sshd: $(cat "$DIR"/log/*.sshd "$DIR/log/login" | grep -i 'not allowed\|denied\|fatal\|refused' | head -n 1)" 3
  if [ "$WATCH" = 1 ]; then
    bash "$SELF" __watch_loopback "$DIR" "$OWNER" </dev/null >/dev/null 2>&1 &
    echo $! >"$DIR/watch.pid"
  fi
  trap - EXIT INT TERM HUP
  echo "$DIR/env"
}

verb_up() {
  [ $# = 0 ] || wrong "what is '$1'?"
  PREFIX=${PREFIX:-$$}; TARGETS=${TARGETS:-3}; WATCH=0
  case $PREFIX in *[!a-z0-9]* | ????????????*) wrong "--prefix: at most 11 of a-z and 0-9" ;; esac
  case $TARGETS in *[!0-9]* | 0 | ???*) wrong "--targets: 1 to 99" ;; esac
  case $SITE$LABEL in *[!A-Za-z0-9_-]*) wrong "--site, --label: letters, digits, _ and -" ;; esac
  OWNER=${OWNER:-none}
  if [ "$OWNER" != none ]; then
    kill -0 "$OWNER" 2>/dev/null || wrong "--owner: no process $OWNER"
    WATCH=1
  fi
  "up_$MODE"
}

# --- down ----------------------------------------------------------------------------------------------------------------

remove_dir() { # only a lab's own folder, and only what a lab writes
  [ -n "$1" ] && [ -e "$1/$MARKER" ] || return 0
  rm -rf "$1/hosts" "$1/log" "$1/profiles"
  rm -f "$1"/{env,ssh_config,known_hosts,authorized_keys,hosts.txt,inner,inner.pub,id_ed25519,id_ed25519.pub,watch.pid}
  rm -f "$1/$MARKER"; rmdir "$1" 2>/dev/null || :
}

lab_netns() { ip netns list 2>/dev/null | awk '{print $1}' | grep -x "wrcap-$1-\(sw\|bastion\|t[0-9]*\)"; }

remove_netns_lab() { # PREFIX
  local ns pids watch reg=$REGISTRY/$1 n
  watch=$(value_of "$reg" WATCH)
  if [ -n "$watch" ] && [ "$watch" != $$ ]; then
    case "$(tr '\0' ' ' <"/proc/$watch/cmdline" 2>/dev/null)" in *"__watch $1 "*) kill "$watch" 2>/dev/null ;; esac
  fi
  for ((n = 0; n < 50; n++)); do # what a host was just forking is caught by the next round
    pids=; for ns in $(lab_netns "$1"); do pids="$pids $(ip netns pids "$ns" 2>/dev/null)"; done
    [ -n "${pids// /}" ] || break
    # shellcheck disable=SC2086
    kill -9 $pids 2>/dev/null; sleep 0.05
  done
  for ns in $(lab_netns "$1"); do ip netns del "$ns"; done
  ip link del "wl-$1" 2>/dev/null
  remove_dir "$(value_of "$reg" DIR)"
  rm -f "$reg"; rmdir "$REGISTRY" 2>/dev/null || :
}

remove_loopback_lab() {
  local f pid kid
  pid=$(ours "$DIR/watch.pid" __watch_loopback) && [ "$pid" != $$ ] && kill "$pid" 2>/dev/null
  for f in "$DIR"/hosts/*/sshd.pid; do
    pid=$(ours "$f" "sshd") || continue
    for kid in $(descendants "$pid") "$pid"; do kill "$kid" 2>/dev/null; done
  done
  for f in "$DIR"/hosts/*/traffic.*.pid; do pid=$(ours "$f" lab-traffic) && kill "$pid" 2>/dev/null; done
  remove_dir "$DIR"
}

descendants() { ps -axo pid=,ppid= | awk -v top="$1" '{up[$1]=$2} END {for (p in up) {q=p; while (q in up && q!=top) q=up[q]; if (q==top && p!=top) print p}}'; }

verb_down() {
  find_lab
  if [ "${MODE:-}" = loopback ] && [ -n "$DIR" ]; then remove_loopback_lab; return; fi
  [ -n "$PREFIX" ] || return 0
  [ "$(id -u)" = 0 ] || die "needs root" 3
  remove_netns_lab "$PREFIX"
}

verb_reap() {
  local reg p
  [ "$(id -u)" = 0 ] || return 0
  for reg in "$REGISTRY"/*; do
    [ -e "$reg" ] || continue
    owner_alive "$reg" || { say "removing '${reg##*/}', its owner is gone"; remove_netns_lab "${reg##*/}"; }
  done
  for p in $(ip netns list 2>/dev/null | sed -n 's/^wrcap-\([a-z0-9]*\)-\(sw\|bastion\|t[0-9]*\).*/\1/p' | sort -u); do
    [ -e "$REGISTRY/$p" ] || { say "removing '$p', nobody knows it"; remove_netns_lab "$p"; }
  done
}

# Ends the lab with its owner. Waits on a fifo of its own instead of sleep: killing this leaves no child behind.
watch_owner() {
  local fifo
  trap '' HUP
  fifo=$(mktemp -u "$DIR/watch.XXXXXX") && mkfifo -m 600 "$fifo" && exec 5<>"$fifo" && rm -f "$fifo" || exit 1
  while "$@"; do read -r -t 1 _ <&5; done
}

# --- verbs on a running lab -------------------------------------------------------------------------------------------------

# A slow or lossy cable is a process between two ports, so it works on kernels without netem as well:
#   bridge -- HOSTy ~~~ HOSTx -- (this program) -- HOST ~~~ eth0
# Both ends that send towards it have their offloads off: it moves whole Ethernet frames with right checksums.
link_program() {
  cat <<'PERL'
use strict; use warnings; use Socket; use Time::HiRes 'time';
my ($host, $delay, $jitter, $rate, $loss, $limit, @dev) = @ARGV;
$0 = "lab-link $host";
my @sock;
for my $dev (@dev) {
  open my $f, '<', "/sys/class/net/$dev/ifindex" or die "$dev: $!\n";
  chomp(my $index = <$f>);
  socket(my $s, 17, SOCK_RAW, 0x0300) or die "packet socket: $!\n";
  bind $s, pack('SnlSCCa8', 17, 3, $index, 0, 0, 0, '') or die "bind $dev: $!\n";
  setsockopt $s, SOL_SOCKET, 33, 16 << 20;
  push @sock, $s;
}
my @queue = ([], []); my @free = (0, 0); my @last = (0, 0); my @held = (0, 0);
sub take {
  my $i = shift;
  while (defined(my $from = recv $sock[$i], my $p, 65536, 0x40)) {
    next if (unpack 'SnlSC', $from)[4] == 4;    # what we sent ourselves
    next if $loss && rand() * 100 < $loss or $held[$i] + length $p > $limit;
    my $now = time;
    $free[$i] = ($free[$i] > $now ? $free[$i] : $now) + ($rate ? length($p) * 8 / $rate : 0);
    my $due = $free[$i] + $delay + $jitter * rand;    # rand(0) would be rand(1)
    $due = $last[$i] if $due < $last[$i];
    $last[$i] = $due; $held[$i] += length $p;
    push @{$queue[$i]}, [$due, $p];
  }
}
print "ready\n"; close STDOUT;
while (1) {
  my ($now, $wait) = (time);
  for my $i (0, 1) {
    my $q = $queue[$i];
    while (@$q && $q->[0][0] <= $now) { my $e = shift @$q; $held[$i] -= length $e->[1]; send $sock[1 - $i], $e->[1], 0 }
    $wait = $q->[0][0] - $now if @$q && (!defined $wait || $q->[0][0] - $now < $wait);
  }
  my $r = ''; vec($r, fileno $_, 1) = 1 for @sock;
  next unless select($r, undef, undef, $wait) > 0;
  for my $i (0, 1) { take($i) if vec $r, fileno $sock[$i], 1 }
}
PERL
}

# ETHTOOL_{STXCSUM,STSO,SGSO} = 0 on a device, without ethtool.
offloads_off='socket(my $s, 2, 2, 0) or die; for my $c (0x17, 0x1f, 0x24) { my $v = pack "LL", $c, 0; my $r = pack "a16Px16", $ARGV[0], $v; ioctl $s, 0x8946, $r or $c != 0x17 or die "$ARGV[0]: $!\n" }'

bridge_of() { if [ "$1" = bastion ]; then echo br1; else echo br0; fi; }
port_of() { ip -n "$(netns sw)" link show "$1y" >/dev/null 2>&1 && echo "$1y" || echo "$1"; }

clear_link() {
  local sw pid host=$1; sw=$(netns sw)
  for pid in $(ip netns pids "$sw"); do
    case "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)" in "lab-link $host "*) kill "$pid" ;; esac
  done
  ip -n "$sw" link del "${host}y" 2>/dev/null
  rm -f "$(host_dir "$host")/link"
  ip -n "$sw" link set "$host" master "$(bridge_of "$host")"
}

shape_link() { # HOST DELAY JITTER RATE LOSS LIMIT: seconds, seconds, bits a second, per cent, bytes
  local sw host=$1 line=; sw=$(netns sw)
  have perl || die "link needs perl (apt-get install perl)" 3
  ip -n "$sw" link add "${host}y" type veth peer name "${host}x" || return 1
  ip netns exec "$sw" sh -c 'echo 1 >"/proc/sys/net/ipv6/conf/$1x/disable_ipv6"; echo 1 >"/proc/sys/net/ipv6/conf/$1y/disable_ipv6"' sh "$host" 2>/dev/null
  ip netns exec "$sw" perl -e "$offloads_off" "${host}y" && ip netns exec "$(netns "$host")" perl -e "$offloads_off" eth0 || return 1
  ip -n "$sw" link set "$host" nomaster && ip -n "$sw" link set "${host}x" up || return 1
  line=$(ip netns exec "$sw" bash -c 'coproc exec setsid -f perl -e "$0" "$@" 2>&1 </dev/null; read -r line <&"${COPROC[0]}"; echo "$line"' "$(link_program)" "$@" "$host" "${host}x" 9>&-)
  [ "$line" = ready ] || { say "$host: $line"; return 1; }
  ip -n "$sw" link set "${host}y" master "$(bridge_of "$host")" up
}

# "50ms" -> 0.05, "2mbit" -> 2000000, "5%" -> 5
in_units() {
  local n=${1%%[a-z%]*} unit; unit=${1#"$n"}
  case $n in '' | *[!0-9.]*) return 1 ;; esac
  case $unit in
    us) awk "BEGIN {print $n/1000000}" ;; ms) awk "BEGIN {print $n/1000}" ;; s | % | bit | '') echo "$n" ;;
    kbit) awk "BEGIN {printf \"%d\", $n*1000}" ;; mbit) awk "BEGIN {printf \"%d\", $n*1000000}" ;; gbit) awk "BEGIN {printf \"%d\", $n*1000000000}" ;;
    *) return 1 ;;
  esac
}

verb_link() {
  local host=${1:-} pair val delay=0 jitter=0 rate=0 loss=0 limit=; need_lab netns; need_host "$host"; shift
  case "${1:-}" in
    '') wrong "link $host what?" ;;
    down) ip -n "$(netns sw)" link set "$(port_of "$host")" nomaster || die "could not cut it"; return ;;
    up) ip -n "$(netns sw)" link set "$(port_of "$host")" master "$(bridge_of "$host")" || die "could not join it"; return ;;
    clear) clear_link "$host"; return ;;
  esac
  for pair in "$@"; do
    val=$(in_units "${pair#*=}") || wrong "link: '$pair'?"
    case ${pair%%=*} in
      delay) delay=$val ;; jitter) jitter=$val ;; rate) rate=$val ;; loss) loss=$val ;; limit) limit=$val ;;
      *) wrong "link: '$pair'?" ;;
    esac
  done
  clear_link "$host"
  # A slow link has a short queue (a third of a second), as a real one; otherwise it must hold what is on its way.
  [ -n "$limit" ] || limit=$(awk "BEGIN {printf \"%d\", $rate ? 30000 + $rate/24 : 64000000}")
  shape_link "$host" "$delay" "$jitter" "$rate" "$loss" "$limit" || { clear_link "$host"; die "$host: could not shape its link"; }
  echo "$*" >"$(host_dir "$host")/link"
}

# perl-base is part of every Debian and Ubuntu, and perl of macOS. Rates swing between a third and twice the mean.
traffic_program() {
  cat <<'PERL'
use strict; use warnings; use IO::Socket::INET; use Socket;
my ($host, $role, $ip, $port, $rate) = @ARGV;
$0 = "lab-traffic $host $role";
$SIG{PIPE} = 'IGNORE';
srand($$ ^ time);
my @path = qw(/ /index.html /login /cart /api/items?page=2 /api/items/17 /img/logo.png /health /search?q=boots);
sub nap {
  my $r = $rate * (1 + 0.65 * sin(time() / 7 + length $role)) * (0.5 + rand);
  $r *= 4 if rand() < 0.02;
  select undef, undef, undef, 1 / ($r > 0.05 ? $r : 0.05);
}
sub sum { my $s = 0; $s += $_ for unpack 'n*', $_[0] . (length($_[0]) % 2 ? "\0" : ''); $s = ($s >> 16) + ($s & 0xffff) while $s >> 16; ~$s & 0xffff }
sub qname { join('', map { pack('C/a*', $_) } split /\./, $_[0]) . "\0" }
my %run = (
  'http-server' => sub {
    my $l = IO::Socket::INET->new(LocalAddr => $ip, LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "listen: $@\n";
    while (my $c = $l->accept) {
      my $line = <$c>;
      if (defined $line) {
        while (defined(my $h = <$c>)) { last if $h =~ /^\r?$/ }
        my ($code, $body) = rand() < 0.06 ? ('404 Not Found', "nothing here\n") : ('200 OK', '<p>' . 'lorem ipsum dolor ' x (5 + rand 900) . "</p>\n");
        print $c "HTTP/1.1 $code\r\nServer: lab\r\nContent-Type: text/html\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
      }
      close $c;
    }
  },
  'http-client' => sub {
    while (1) {
      if (my $c = IO::Socket::INET->new(PeerAddr => $ip, PeerPort => $port, Timeout => 3)) {
        print $c 'GET ' . $path[rand @path] . " HTTP/1.1\r\nHost: $host\r\nUser-Agent: lab\r\nAccept: */*\r\n\r\n";
        alarm 5; local $SIG{ALRM} = sub { close $c }; 1 while defined <$c>; alarm 0;
        close $c;
      }
      nap();
    }
  },
  'dns-server' => sub {
    my $s = IO::Socket::INET->new(LocalAddr => $ip, LocalPort => $port, Proto => 'udp') or die "bind: $@\n";
    while (1) {
      my $from = $s->recv(my $q, 1500) // next;
      next if length $q < 17;
      my $miss = rand() < 0.1;
      my $a = substr($q, 0, 2) . pack('n5', $miss ? 0x8183 : 0x8180, 1, $miss ? 0 : 1, 0, 0) . substr($q, 12);
      $a .= pack('nnnNn', 0xc00c, 1, 1, 60, 4) . pack('C4', 10, 20, rand 256, rand 256) unless $miss;
      $s->send($a, 0, $from);
    }
  },
  'dns-client' => sub {
    my @name = qw(db api cache mail queue auth static metrics);
    while (1) {
      if (my $s = IO::Socket::INET->new(PeerAddr => $ip, PeerPort => $port, Proto => 'udp')) {
        $s->send(pack('n6', rand 65536, 0x0100, 1, 0, 0, 0) . qname($name[rand @name] . '-' . int(rand 20) . '.shop.example') . pack('nn', 1, 1));
        my $r = ''; vec($r, fileno $s, 1) = 1;
        $s->recv(my $x, 1500) if select $r, undef, undef, 0.5;
      }
      nap();
    }
  },
  'ping-client' => sub {
    socket(my $s, PF_INET, SOCK_RAW, 1) or die "raw socket: $!\n";
    for (my $n = 1;; $n++) {
      my $p = pack('CCnnn', 8, 0, 0, $$ & 0xffff, $n & 0xffff) . pack('a56', 'lab ping');
      substr($p, 2, 2) = pack('n', sum($p));
      send $s, $p, 0, pack_sockaddr_in(0, inet_aton($ip));
      my $r = ''; vec($r, fileno $s, 1) = 1;
      recv $s, my $x, 1500, 0 while select(my $q = $r, undef, undef, 0);
      nap();
    }
  },
  'syslog-server' => sub {
    my $s = IO::Socket::INET->new(LocalAddr => $ip, LocalPort => $port, Proto => 'udp') or die "bind: $@\n";
    1 while defined $s->recv(my $x, 4096);
  },
  'syslog-client' => sub {
    my @text = ('worker[411]: job done in 12 ms', 'cron[98]: run-parts', 'app[7]: cache miss for item 17', 'sshd[55]: connection closed', 'kernel: eth0: link ok');
    my $s = IO::Socket::INET->new(PeerAddr => $ip, PeerPort => $port, Proto => 'udp') or die "socket: $@\n";
    while (1) { $s->send('<' . int(rand 191) . '>' . localtime() . " $host " . $text[rand @text]); nap() }
  },
);
$run{$role}->();
PERL
}

traffic_port() { case $1 in http) echo 80 ;; dns) echo 53 ;; syslog) echo 514 ;; *) echo 0 ;; esac; }
next_target() { local n=${1#t}; echo "t$((n % TARGETS + 1))"; }

spawn_traffic() { # ON HOST ROLE IP PORT RATE: ON runs it, HOST is whose traffic it is
  local on=$1; shift
  if [ "$MODE" = netns ]; then
    in_host "$on" setsid -f perl -e "$(traffic_program)" "$@" </dev/null >>"$DIR/log/$1.traffic" 2>&1
  else
    perl -e "$(traffic_program)" "$@" </dev/null >>"$DIR/log/$1.traffic" 2>&1 &
    echo $! >"$(host_dir "$1")/traffic.$2.pid"
  fi
}

start_traffic() { # HOST KIND RATE
  local host=$1 kind=$2 ip port; ip=$(host_env "$host" IP)
  if [ "$MODE" = netns ]; then port=$(traffic_port "$kind"); else port=$(host_env "$host" TRAFFIC_PORT); fi
  [ "$kind" = ping ] || spawn_traffic "$host" "$host" "$kind-server" "$ip" "$port" "$3"
  spawn_traffic "$(next_target "$host")" "$host" "$kind-client" "$ip" "$port" "$3"
}

traffic_pids() { # HOST
  local h pid
  if [ "$MODE" = loopback ]; then
    for h in "$(host_dir "$1")"/traffic.*.pid; do ours "$h" lab-traffic; done
    return
  fi
  for h in $(names); do
    for pid in $(ip netns pids "$(netns "$h")"); do
      case "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)" in "lab-traffic $1 "*) echo "$pid" ;; esac
    done
  done
}
traffic_gone() { [ -z "$(traffic_pids "$1")" ]; }

# What a target does unless told otherwise: web, web and names, web and pings; one of them each on loopback.
usual_traffic() {
  case $MODE$((${1#t} % 3)) in
    netns1) echo http ;; netns2) echo http dns ;; netns0) echo http ping ;;
    loopback1) echo http ;; loopback2) echo dns ;; loopback0) echo syslog ;;
  esac
}

verb_traffic() {
  local hosts=${1:-} what=${2:-} h k kinds= rate= pid
  need_lab
  [ "$hosts" = all ] && hosts=$(names | grep -v bastion) || { need_host "$hosts"; [ "$hosts" != bastion ] || wrong "traffic is for targets"; }
  shift 2 2>/dev/null || wrong "traffic $hosts start or stop?"
  have perl || die "traffic needs perl (apt-get install perl-base)" 3
  for k in "$@"; do
    case $k in
      http | dns | ping | syslog) kinds="$kinds $k" ;;
      rate=*[!0-9.]* | rate=) wrong "traffic: '$k'?" ;;
      rate=*) rate=${k#rate=} ;;
      *) wrong "traffic: '$k'? http, dns, ping, syslog, rate=N" ;;
    esac
  done
  for h in $hosts; do
    case $what in
      start) for k in ${kinds:-$(usual_traffic "$h")}; do start_traffic "$h" "$k" "${rate:-$((2 + 5 * (${h#t} % 3)))}"; done ;;
      stop)
        for pid in $(traffic_pids "$h"); do kill "$pid" 2>/dev/null; done
        until_ok 5 traffic_gone "$h" || die "$h: its traffic does not end" ;;
      *) wrong "traffic $h start or stop?" ;;
    esac
  done
}

verb_replay() {
  local host=${1:-} file=${2:-} pps=${3:-} speed=--topspeed
  need_lab netns; need_host "$host"; [ "$host" != bastion ] || wrong "replay is for targets"
  have tcpreplay || die "replay needs tcpreplay (apt-get install tcpreplay)" 3
  [ -r "$file" ] || wrong "replay: cannot read '$file'"
  case $pps in '') ;; *[!0-9]*) wrong "replay: '$pps' packets a second?" ;; *) speed=--pps=$pps ;; esac
  ip netns exec "$(netns sw)" tcpreplay -q -K --intf1="${host}cap" "$speed" "$file"
}

verb_exec() {
  local host=${1:-} user=0; need_lab; need_host "$host"; shift
  [ "${1:-}" != --user ] || { user=1; shift; }
  [ "${1:-}" != -- ] || shift
  [ $# -gt 0 ] || wrong "exec $host what?"
  if [ "$MODE" = loopback ]; then "$@"
  elif [ $user = 1 ]; then
    in_host "$host" setpriv --reuid=$LOGIN_UID --regid=$LOGIN_UID --clear-groups env HOME=/home/$LOGIN USER=$LOGIN sh -c 'cd && exec "$@"' sh "$@"
  else in_host "$host" "$@"; fi
}

verb_ps() {
  local pid args uid state
  need_lab netns; need_host "${1:-}"
  for pid in $(ip netns pids "$(netns "$1")"); do
    # Without a pid of its own inside the host it is a helper of this script.
    [ "$(awk '/^NSpid:/ {print NF}' "/proc/$pid/status" 2>/dev/null)" = 3 ] || continue
    args=$(tr '\0\t\n' '   ' <"/proc/$pid/cmdline" 2>/dev/null)
    state=$(awk '/^State:/ {print $2}' "/proc/$pid/status" 2>/dev/null)
    uid=$(awk '/^Uid:/ {print $2}' "/proc/$pid/status" 2>/dev/null)
    case $args in "bash "*" __init $1 "* | *"[listener]"* | lab-traffic*) continue ;; esac
    [ -n "$state" ] || continue
    [ -n "$args" ] || args="[$(cat "/proc/$pid/comm" 2>/dev/null)]"
    case $uid in 0) uid=root ;; "$LOGIN_UID") uid=$LOGIN ;; esac
    printf '%s\t%s\t%s\t%s\n' "$pid" "$uid" "$state" "$args"
  done
}

verb_status() {
  local h up reg; need_lab
  reg=$REGISTRY/$PREFIX
  echo "lab $PREFIX ($MODE) in $DIR"
  [ "$MODE" = loopback ] || echo "owner $(value_of "$reg" OWNER) $(owner_alive "$reg" && echo alive || echo gone)"
  for h in $(names); do
    if [ "$MODE" = netns ]; then sshd_answers "$h" && up=up || up=down; else ours "$(host_dir "$h")/sshd.pid" sshd >/dev/null && up=up || up=down; fi
    echo "$h $(host_env "$h" IP):$(host_env "$h" PORT) sshd $up $(cat "$(host_dir "$h")/knobs" 2>/dev/null | tr '\n' ' ')$(sed 's/^/link: /' "$(host_dir "$h")/link" 2>/dev/null)"
  done
}

verb_ssh() { need_lab; need_host "${1:-}"; exec ssh -F "$DIR/ssh_config" "$@"; }
verb_log() { need_lab; need_host "${1:-}"; cat "$DIR/log/$1.sshd"; }
verb_env() { need_lab; cat "$DIR/env"; }

main() {
  VERB=${1:-help}; [ $# = 0 ] || shift
  DIR=${WRCAP_LAB_DIR:-} PREFIX= OWNER= TARGETS= SITE=lab LABEL=t MODE= NO_IPV6=1
  case $VERB in
    __init) host_init "$@"; exit ;;
    __watch) PREFIX=$1 DIR=$(value_of "$REGISTRY/$1" DIR); watch_owner owner_alive "$REGISTRY/$1"; remove_netns_lab "$1"; exit ;;
    __watch_loopback) DIR=$1; watch_owner kill -0 "$2" 2>/dev/null; remove_loopback_lab; exit ;;
  esac
  # Options stand before the verb's own words or after them, but never inside a command to run.
  local words=() opt
  while [ $# -gt 0 ]; do
    case $1 in
      --prefix | --dir | --targets | --owner | --site | --label)
        [ $# -ge 2 ] || wrong "$1 needs a value"
        opt=$(echo "${1#--}" | tr a-z A-Z); printf -v "$opt" %s "$2"; shift 2 ;;
      --ipv6) NO_IPV6=0; shift ;;
      --loopback) MODE=loopback; shift ;;
      *) words+=("$1"); shift
        if [ "$VERB" = exec ] || [ "$VERB" = ssh ]; then words+=("$@"); break; fi ;;
    esac
  done
  set -- ${words[@]+"${words[@]}"}
  case $VERB in
    up) MODE=${MODE:-netns}; verb_up "$@" ;;
    down | reap | status | set | link | traffic | replay | exec | ps | ssh | log | env) MODE=; TARGETS=; "verb_$VERB" "$@" ;;
    help | --help | -h) usage ;;
    *) wrong "no verb '$VERB'" ;;
  esac
}

main "$@"
exit
