#!/usr/bin/env bash
# Bulk through the bastion to a file: wrcap against plain ssh with its default ciphers, same path, alternating runs.
# usage: benches/bulk.sh [target/release/wrcap]      RUNS=5 MIB=1000 OUT=folder for the received files
set -u
. "$(dirname "$0")/common.sh"
MIB=${MIB:-1000}
OUT=${OUT:-$WORK}

# On the target: a pcap header, then a block of records (500 B packets) as often as it takes. Kept in the target's
# memory, so that reading it costs the same for both.
perl -e '
  print pack("VvvlVVV", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1)' >"$WORK/header"
perl -e '
  my $n = 0;
  for (1 .. 2032) {
    my $p = pack("H12H12n", "0200000000ff", "0200000000fe", 0x0800) . pack("C2n3C2nN2", 0x45, 0, 486, $n, 0, 64, 17, 0, 0x0a000001, 0x0a000002);
    $p .= pack("n4", 5000, 6000, 466, 0); $p .= pack("N*", map { int rand 2**32 } 1 .. 115); $p = substr($p . "\0" x 500, 0, 500);
    print pack("VVVV", 1_700_000_000, $n++, 500, 500), $p;
  }' >"$WORK/block"
PACKETS=$((MIB * 2032))
export OUT PACKETS
big() { cat "$WORK/header"; local i; for ((i = 0; i < MIB; i++)); do cat "$WORK/block"; done; }
big | lab exec t1 -- sh -c 'cat >/run/lab/big.pcap && chmod 644 /run/lab/big.pcap' || exit
SIZE=$(lab exec t1 -- stat -c %s /run/lab/big.pcap)

# The target whose capture command is the same `cat` that ssh runs.
sed -n '/^via/p; /^defaults/,/^targets/p' "$WORK/lab/profiles/lab.yaml" >"$WORK/lab/profiles/bulk.yaml"
printf '  t1: { host: %s, command: "cat /run/lab/big.pcap", compression: false }\n' "$(lab env | sed -n 's/^T1_IP=//p')" >>"$WORK/lab/profiles/bulk.yaml"

by_ssh() { plain_ssh -o Compression=no t1 cat /run/lab/big.pcap >"$OUT/ssh.pcap"; }
by_wrcap() { "$WRCAP" capture bulk/t1 --profiles "$WORK/lab/profiles" --no-viewer -w "$OUT/wrcap.pcapng" -c "$PACKETS"; }
export -f by_ssh by_wrcap

for ((run = 1; run <= RUNS; run++)); do
  timed ssh by_ssh || exit
  [ "$(stat -c %s "$OUT/ssh.pcap")" = "$SIZE" ] || { echo "ssh: the file is not whole" >&2; exit 1; }
  rm -f "$OUT/ssh.pcap"
  [ -n "$WRCAP" ] || continue
  timed wrcap by_wrcap || exit
  if [ $run = 1 ] && command -v capinfos >/dev/null; then capinfos -c -M "$OUT/wrcap.pcapng" | grep -q "$PACKETS" || { echo "wrcap: the file is not whole" >&2; exit 1; }; fi
  rm -f "$OUT/wrcap.pcapng"
done

echo "bulk: $SIZE bytes ($PACKETS packets of 500 B) through one bastion, $RUNS runs each, seconds (min / median / max)"
printf '%-28s %-26s %s\n' '' wall 'CPU on this side (with ssh)'
printf '%-28s %-26s %s\n' 'ssh HOST cat > file' "$(spread "$WORK/ssh" 1)" "$(spread "$WORK/ssh" 2)"
[ -z "$WRCAP" ] || printf '%-28s %-26s %s\n' 'wrcap capture -w file' "$(spread "$WORK/wrcap" 1)" "$(spread "$WORK/wrcap" 2)"
