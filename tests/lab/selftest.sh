#!/usr/bin/env bash
# Proves that the lab does what the tests rely on: every knob with a real login through the bastion, exact replay,
# two labs side by side, a killed `up`, and nothing left behind. Needs root; uses labs with its own prefixes.
set -u
LAB=$(cd "$(dirname "$0")" && pwd)/lab.sh
W=$(mktemp -d)
A=sa$$ B=sb$$
fails=0
ok() { printf 'ok    %s\n' "$1"; }
bad() { printf 'FAIL  %s\n' "$1"; fails=$((fails + 1)); }
check() { local what=$1; shift; if "$@" >"$W/out" 2>&1; then ok "$what"; else bad "$what"; sed 's/^/      /' "$W/out" | tail -n 5; fi; }
fails_with() { local what=$1 text=$2; shift 2; if "$@" >"$W/out" 2>&1; then bad "$what (it worked)"; elif grep -q -- "$text" "$W/out"; then ok "$what"; else bad "$what"; sed 's/^/      /' "$W/out" | tail -n 5; fi; }
equal() { [ "$1" = "$2" ] || { echo "'$1' is not '$2'"; return 1; }; }
a() { local v=$1; shift; bash "$LAB" "$v" --prefix $A "$@"; }
login() { ssh -n -F "$W/a/ssh_config" -o ConnectTimeout=10 "$@"; }
soon() { local i; for ((i = 0; i < 100; i++)); do "$@" && return; sleep 0.1; done; return 1; }
finish() { bash "$LAB" down --prefix $A; bash "$LAB" down --prefix $B; [ -z "${holder:-}" ] || kill "$holder" 2>/dev/null; rm -rf "$W"; }
trap finish EXIT

etc_before=$(cat /etc/passwd /etc/shadow /etc/group /etc/sudoers /etc/shells | cksum; ls -lR /etc | cksum)
mounts_before=$(grep -v ' /run/netns' /proc/mounts | cksum)

check "up" bash "$LAB" up --prefix $A --dir "$W/a" --owner none
check "a second lab beside it" bash "$LAB" up --prefix $B --dir "$W/b" --owner none --targets 1 --ipv6
. "$W/a/env"
for h in bastion t1 t2 t3; do check "login to $h" equal "$(login $h hostname)" $h; done
check "login to t1 of the second lab" equal "$(ssh -n -F "$W/b/ssh_config" t1 hostname)" t1
check "IPv6 between bastion and t1" bash "$LAB" exec --prefix $B bastion -- bash -c "exec 3<>/dev/tcp/$(sed -n s/^T1_IP6=//p "$W/b/env")/22"
fails_with "only the bastion reaches t1" . ssh -n -F "$W/a/ssh_config" -o ProxyJump=none -o ConnectTimeout=2 t1 true
check "the login user of t2 reaches t1" a exec t2 --user -- ssh -o BatchMode=yes t1 true

pw() { login t1 "printf '%s\n' $LAB_PASSWORD | sudo -S -p '' $1"; }
dump="tcpdump --version"
check "sudo=all" login t1 "sudo -n $dump && sudo -n true"
a set t1 sudo=tcpdump-only; check "sudo=tcpdump-only" login t1 "sudo -n $dump && ! sudo -n true"
a set t1 sudo=password; fails_with "sudo=password asks" "password is required" login t1 "sudo -n $dump"; check "sudo=password takes it" pw "true"
a set t1 sudo=password-tcpdump-only; check "sudo=password-tcpdump-only" pw "$dump"; fails_with "nothing else there" . pw true
a set t1 sudo=requiretty; fails_with "sudo=requiretty" "must have a tty" login t1 "sudo -n $dump"; check "with a tty it works" login -tt t1 "sudo -n $dump"
a set t1 sudo=none; fails_with "sudo=none" . login t1 "sudo -n $dump"; fails_with "sudo=none with a password" "not in the sudoers" pw "$dump"
fails_with "no rights, no capture" ermission login t1 "tcpdump -i cap0 -c 1 -w /dev/null"
a set t1 caps=on; check "caps=on" login t1 "tcpdump -i cap0 -w /dev/null & sleep 0.5; kill \$!; wait \$!"
a set t1 tcpdump=off; fails_with "tcpdump=off" "not found" login t1 "$dump"
a set t1 tcpdump=on caps=off; check "tcpdump=on again" login t1 "$dump"
a set t1 doas=on; check "doas=on" login t1 "doas -n $dump && doas -n $(command -v tcpdump) --version && ! doas -n true"
a set t1 doas=off sudo=all; fails_with "doas=off" . login t1 "doas -n $dump"

for s in bash fish csh ksh busybox sh; do check "shell=$s" a set t1 shell=$s; check "login with $s" equal "$(login t1 'echo hello')" hello; done
check "it was really fish" equal "$(a set t1 shell=fish; login t1 'echo $FISH_VERSION' | grep -c .)" 1
a set t1 shell=banner; check "shell=banner" equal "$(login t1 'echo hello' | wc -l)" 3; a set t1 shell=sh

printf '#!/bin/sh\necho %s\n' "$LAB_PASSWORD" >"$W/ask"; chmod 700 "$W/ask"
asked() { SSH_ASKPASS="$W/ask" SSH_ASKPASS_REQUIRE=force login -o PubkeyAuthentication=no "$@" t1 true; }
a set t1 auth=password; check "auth=password" asked -o PreferredAuthentications=password; fails_with "a key is refused then" denied login -o BatchMode=yes t1 true
a set t1 auth=kbd; check "auth=kbd" asked -o PreferredAuthentications=keyboard-interactive
a set t1 auth=key+kbd; check "auth=key+kbd" env SSH_ASKPASS="$W/ask" SSH_ASKPASS_REQUIRE=force ssh -n -F "$W/a/ssh_config" t1 true
a set t1 auth=key; check "auth=key" login -o BatchMode=yes t1 true
a set bastion forwarding=no; fails_with "forwarding=no" . login t1 true; a set bastion forwarding=yes
a set t1 hostkey=new; fails_with "hostkey=new" "HOST IDENTIFICATION HAS CHANGED" login -o LogLevel=INFO t1 true
a set t1 hostkey=old; check "hostkey=old" login t1 true
a set t1 maxsessions=1
login -M -S "$W/ctl" -N t1 & master=$!
soon test -S "$W/ctl"
login -S "$W/ctl" t1 'echo up; exec sleep 30' >"$W/first" & first=$!
soon grep -q up "$W/first"
fails_with "maxsessions=1" "refused" login -o ControlMaster=no -S "$W/ctl" -o ProxyCommand=false -o LogLevel=INFO t1 true
kill $first $master; wait $first $master 2>/dev/null
a set t1 maxsessions=10 maxstartups=1
hold() { a exec t1 -- bash -c 'exec 3<>/dev/tcp/127.0.0.1/22; read -r x <&3; echo held; exec sleep 20'; }
hold >"$W/held" & holder=$!
soon grep -q held "$W/held"
fails_with "maxstartups=1" . login t1 true
a exec t1 -- sh -c 'kill $(cat /run/sshd.pid)' && a set t1 maxstartups=10:30:100
check "nothing of ours counts as left behind" equal "$(a ps t1 | grep -v 'sleep [23]0\|sshd')" ""

# the link: 50 ms each way, then silence
ms() { local t0; t0=$(date +%s%N); "$@" >/dev/null 2>&1; echo $((($(date +%s%N) - t0) / 1000000)); }
a link t1 delay=50ms; t=$(ms login t1 true); check "delay=50ms is felt ($t ms)" test "$t" -gt 500
a link t1 rate=2mbit; t=$(ms login t1 'head -c 500000 /dev/zero'); check "rate=2mbit is felt ($t ms for 500 kB)" test "$t" -gt 2000
a link t1 clear
login -o ServerAliveInterval=1 -o ServerAliveCountMax=2 t1 'exec sleep 60' 2>"$W/cut" & cut=$!
soon sh -c "bash '$LAB' ps --prefix $A t1 | grep -q 'sleep 60'"
a link t1 down; wait $cut; rc=$?
check "link down: silence ends a connection only by its keepalive" equal $rc 255
check "and the target does not know" sh -c "bash '$LAB' ps --prefix $A t1 | grep -q 'sleep 60'"
a link t1 up; check "link up" login t1 true

# replay: exactly these packets, these bytes
if command -v perl tcpreplay tshark >/dev/null; then
  perl -e 'print pack("VvvlVVV",0xa1b2c3d4,2,4,0,0,262144,1); for my $n (1..20000) { my $p=pack("H12H12n","0200000000ff","0200000000fe",0x88b5).pack("N",$n).chr($n%256)x(42+$n%900); print pack("VVVV",1e9+$n,0,length $p,length $p),$p }' >"$W/in.pcap"
  login t1 "sudo tcpdump -i cap0 -B 65536 -U -w - -c 20000" >"$W/got.pcap" 2>"$W/err" & dump=$!
  soon grep -q listening "$W/err"
  check "replay" a replay t1 "$W/in.pcap" 50000
  wait $dump
  for f in in got; do tshark -r "$W/$f.pcap" -T fields -e frame.len -e eth.dst -e data 2>/dev/null | cksum >"$W/$f.sum"; done
  check "20,000 packets, same bytes, same order" cmp "$W/in.sum" "$W/got.sum"
  # and nothing more than those, on an interface without filter
  check "cap0 is quiet" equal "$(a exec t1 -- timeout 3 tcpdump -i cap0 -w /dev/null 2>&1 | sed -n 's/ packets captured//p')" 0
fi

# traffic: every kind is seen on its target
a traffic all start; a traffic t1 start syslog
sees() { a exec "$1" -- timeout 10 tcpdump -i eth0 -n -c 5 "$2" >/dev/null 2>&1; }
check "http on t1" sees t1 "tcp port 80"
check "syslog on t1" sees t1 "udp port 514"
check "dns on t2" sees t2 "udp port 53"
check "ping on t3" sees t3 "icmp"
check "traffic stop" a traffic all stop
check "its logs are empty" sh -c '! cat "$1"/log/*.traffic | grep .' sh "$W/a"

check "down of one lab" a down
check "down again" a down
check "the other one still works" ssh -n -F "$W/b/ssh_config" t1 true
check "down of the other" bash "$LAB" down --prefix $B

# `kill -9` at any moment of `up`, then up again
for t in 0.05 0.2 0.4 0.7 1.0; do
  bash "$LAB" up --prefix $A --dir "$W/a" --owner none >/dev/null 2>&1 & up=$!
  sleep $t; kill -9 $up 2>/dev/null; wait $up 2>/dev/null
done
check "up after five killed ones" bash "$LAB" up --prefix $A --dir "$W/a" --owner none
check "and it works" login t1 true
a down
sleep 1000 & owner=$!
bash "$LAB" up --prefix $A --dir "$W/a" --owner $owner >/dev/null
kill -9 $owner; wait $owner 2>/dev/null
check "the lab ends with its owner" soon sh -c "! ip netns list | grep -q wrcap-$A-"
bash "$LAB" up --prefix $A --dir "$W/a" --owner none --targets 1 >/dev/null
sed -i 's/OWNER=none/OWNER=1/; s/OWNER_START=/OWNER_START=7/' /run/wrcap-lab/$A
check "reap removes it" bash "$LAB" reap
check "it is gone" sh -c "! ip netns list | grep -q wrcap-$A-"

# Traffic that belongs to no lab which is still up (others may run beside this test).
strays() {
  local known; known=$(for n in $(ip netns list | awk '{print $1}'); do ip netns pids "$n"; done)
  ps axo pid,args | grep '[l]ab-traffic' | while read -r pid args; do echo "$known" | grep -qx "$pid" || echo "$pid $args"; done
}
left() { ip netns list | grep -- "-$A-\|-$B-"; ip -o link | grep "wl-$A\|wl-$B"; ls /run/wrcap-lab 2>/dev/null | grep "$A\|$B"; ls "$W/a" "$W/b" 2>/dev/null; ps axo args | grep "[_]_init .* $W\|[_]_watch $A"; strays; }
soon sh -c "! ps axo args | grep -q '[_]_watch $A'"
check "nothing is left" equal "$(left)" ""
check "/etc is untouched" equal "$(cat /etc/passwd /etc/shadow /etc/group /etc/sudoers /etc/shells | cksum; ls -lR /etc | cksum)" "$etc_before"
check "no mounts are left" equal "$(grep -v ' /run/netns' /proc/mounts | cksum)" "$mounts_before"
[ $fails = 0 ] && echo "all good" || { echo "$fails failed"; exit 1; }
