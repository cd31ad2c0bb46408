#!/usr/bin/env bash
# Takes the pictures of the README from the real program on a lab, into assets/pictures (or OUT).
# usage: scripts/pictures.sh [WRCAP [OUT]]      as root on Linux; `make pictures` builds what it needs
# What is seen on them belongs to a user and a machine that only exist while they are taken.
set -eu
cd "$(dirname "$0")/.."
WRCAP=$(realpath "${1:-target/release/wrcap}")
mkdir -p "${2:-assets/pictures}"
OUT=$(realpath "${2:-assets/pictures}")
STUDIO=$(realpath target/debug/examples/pictures)
LAB=tests/lab/lab.sh
PREFIX=pictures
[ "$(id -u)" = 0 ] || { echo "needs root: the lab is built of network namespaces" >&2; exit 3; }

WORK=$(mktemp -d)
lab() { local verb=$1; shift; bash "$LAB" "$verb" --prefix "$PREFIX" "$@"; }
XVFB=
trap '[ -z "$XVFB" ] || kill "$XVFB"; lab down; rm -rf "$WORK"' EXIT
trap 'exit 130' INT TERM
lab up --dir "$WORK/lab" --targets 6 --owner $$ >/dev/null
value() { sed -n "s/^$1=//p" "$WORK/lab/env"; }
ip() { value "T$1_IP"; }

# Living traffic, other one for each target.
lab traffic t1 start http rate=8
lab traffic t2 start http dns rate=5
lab traffic t3 start http ping rate=3
lab traffic t4 start http syslog rate=6
lab traffic t5 start dns rate=8
# One target cannot capture.
lab set t6 tcpdump=off

# The sites, and a key that is asked about.
mkdir "$WORK/sites" "$WORK/ssh"
cat >"$WORK/sites/shop.yaml" <<TXT
# The web shop: everything behind one bastion.
via: [ec2-user@bastion.shop.example]
defaults:
  user: ec2-user
  identity: ~/.ssh/shop
  viewer: none
targets:
  web-1: { host: $(ip 1), filter: tcp port 80, note: checkout }
  web-2: { host: $(ip 2) }
  web-3: { host: $(ip 3), filter: tcp port 80 or icmp }
  db-1: { host: $(ip 4), interface: eth0 }
TXT
cat >"$WORK/sites/core.yaml" <<TXT
via: [ec2-user@jump.core.example]
defaults: { user: ec2-user, identity: ~/.ssh/shop, viewer: none }
targets:
  dns-1: { host: $(ip 5), filter: port 53 }
  dmz-fw: { host: $(ip 6) }
TXT
sed "s/^$(value BASTION_IP) /bastion.shop.example,jump.core.example /" "$WORK/lab/known_hosts" | grep -v "^$(ip 5) " >"$WORK/ssh/known_hosts"
cp "$WORK/lab/id_ed25519" "$WORK/ssh/shop"
printf '127.0.0.1 localhost laptop\n%s bastion.shop.example jump.core.example\n' "$(value BASTION_IP)" >"$WORK/hosts"
cp "$WRCAP" "$WORK/wrcap"
cp "$STUDIO" "$WORK/studio"
mkdir "$WORK/out"

# The film's Wireshark has a screen that nobody sees.
Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp 3>"$WORK/display" 2>/dev/null &
XVFB=$!
for _ in $(seq 100); do [ -s "$WORK/display" ] && break; sleep 0.1; done

# A user with a home, on a machine with a name, for the studio and its wrcap alone.
unshare -m -u -p -f --kill-child --mount-proc --propagation private sh -eu -c '
  work=$1
  hostname laptop
  mount -t tmpfs -o mode=755 private /mnt
  cp /etc/passwd /etc/shadow /mnt
  echo "ana:x:61999:61999::/home/ana:/bin/sh" >>/mnt/passwd
  echo "ana:*:19000:0:99999:7:::" >>/mnt/shadow
  mount --bind /mnt/passwd /etc/passwd
  mount --bind /mnt/shadow /etc/shadow
  mount --bind "$work/hosts" /etc/hosts
  mkdir /mnt/bin
  mv "$work/wrcap" "$work/studio" /mnt/bin
  cp -r "$work/sites" /mnt/sites
  mkdir /mnt/out
  mount --bind "$work/out" /mnt/out
  mount -t tmpfs -o mode=755 private /home
  mount -t tmpfs -o mode=755 private /run
  mkdir -p /home/ana /run/user/1000
  cp -r "$work/ssh" /home/ana/.ssh
  chmod -R go= /home/ana /run/user/1000
  chown -R 61999:61999 /home/ana /run/user/1000 /mnt/sites /mnt/out
  cd /home/ana
  env -i PATH="$PATH" HOME=/home/ana USER=ana LOGNAME=ana SHELL=/bin/sh LANG=C.UTF-8 DISPLAY="$2" FILM_HOST="$3" XDG_RUNTIME_DIR=/run/user/1000 TZ=UTC \
    setpriv --reuid=61999 --regid=61999 --clear-groups \
    ssh-agent sh -c "ssh-add -q .ssh/shop && exec /mnt/bin/studio /mnt/bin/wrcap /mnt/sites /mnt/out"
' sh "$WORK" ":$(cat "$WORK/display")" "$(ip 1)" || { cp "$WORK"/out/*.svg "$OUT"; exit 1; }
cp "$WORK"/out/*.svg "$OUT"
