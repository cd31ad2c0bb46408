#!/bin/sh
# The login shell of a target that lies. How is in /run/lab/lie: `probe-...` in its answer to the probe, everything else
# in place of the capture. sshd calls it with -c and the command, whose script comes as the first line of stdin.
lie=$(cat /run/lab/lie)
IFS= read -r wrcap
case $wrcap in
*wrcap-probe*) what=probe ;;
*) what=capture ;;
esac

honest() { eval "$wrcap"; }

# A pcap header of snaplen 64, and records: captured length, length on the wire, that many bytes.
header() { printf '\324\303\262\241\002\000\004\000\000\000\000\000\000\000\000\000\100\000\000\000\001\000\000\000'; }
record() { perl -e 'print pack("V4", 1700000000, 0, $ARGV[0], $ARGV[1]), "x" x ($ARGV[2] // $ARGV[0])' "$@"; }
begin() { printf 'wrcap-stream %s\n' "$tag"; }
# Beats are answered as they should be; a stop is heard and not obeyed.
beats() {
  while read -r verb number; do
    [ "$verb" != beat ] || printf 'wrcap: beat %s %s\n' "$number" "${clock:-1700000000000000000}" >&2
  done
}
evil=$(printf '\033]0;OWNED\007\033[2J\033[31m\302\233\342\200\256evil')

case $what-$lie in
probe-probe-endless) IFS= read -r tag; printf 'wrcap-probe %s\n' "$tag"; exec yes "interface 1.eth0 $evil" ;;
probe-probe-banner) exec yes "banner $evil" ;;
probe-probe-words) printf '%s\n' "$evil" ;;
probe-probe-names)
  honest | sed "s/^\(interface 1\.\).*/\1$evil/; s/^hostname .*/hostname $evil/; s/^version .*/version $evil version $evil/"
  ;;
probe-*) honest ;;
capture-probe-*) ;;
capture-banner-*) printf '%s\n' "$evil" ;;
*) IFS= read -r tag ;;
esac
[ "$what" = capture ] || exit 0

case $lie in
probe-*) honest ;;
banner-once) honest ;;
banner-endless) exec yes "$evil" ;;
silent) beats ;;
stderr-line) begin; header; perl -e '$|=1; print STDERR "x" x 65536 while 1' & beats ;;
stderr-lines) begin; header; yes "tcpdump: $evil" >&2 & beats ;;
record-4g) begin; header; perl -e 'print pack("V4", 0, 0, 0xffffffff, 0xffffffff); print "x" x 65536 while 1' & beats ;;
random) begin; cat /dev/urandom & beats ;;
text) begin; printf '%s\n' "$evil"; printf 'wrcap: exit 0\n' >&2 ;;
error) begin; printf 'tcpdump: %s: No such device exists\nwrcap: exit 1\n' "$evil" >&2 ;;
sudo) begin; printf '%s is not in the sudoers file.\nwrcap: exit 1\n' "$evil" >&2 ;;
lengths)
  begin; header
  record 300 300; record 60 10; record 0 0; record 262144 262144; record 60 4294967295
  clock=99999999999999999999999 beats
  ;;
too-long) begin; header; record 60 60; record 262145 262145; printf 'wrcap: exit 0\n' >&2 ;;
counts)
  begin; header; record 60 60
  printf 'tcpdump: listening on %s, link-type EN10MB (Ethernet), snapshot length 64 bytes\n' "$evil" >&2
  for number in 18446744073709551615 0 18446744073709551615 4294967295 0 4294967295; do
    printf '%s packets captured\n%s packets received by filter\n%s packets dropped by kernel\n' $number $number $number >&2
    printf '%s packets dropped by interface\n' $number >&2
  done
  clock=18446744073709551615 beats
  ;;
mid-record) begin; header; record 60 60; record 1000 1000 500; printf 'wrcap: exit 0\n' >&2 ;;
interfaces)
  # pcapng: one description after the other, for ever.
  begin
  perl -e 'print pack("V3v2VVV", 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0, -1, -1, 28);
    my $name = "\033[2J" . "x" x 60000; my $option = pack("v2", 2, length $name) . $name;
    my $length = 20 + length $option; print pack("V2v2V", 1, $length, 1, 0, 0), $option, pack("V", $length) while 1' &
  beats
  ;;
statistics)
  begin
  perl -e 'print pack("V3v2VVV", 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0, -1, -1, 28), pack("V2v2V2", 1, 20, 1, 0, 0, 20);
    my $one = pack("V5v2VVV", 5, 36, 0, 0, 0, 4, 8, 1, 0, 36) x 1000; print $one while 1' &
  beats
  ;;
esac
