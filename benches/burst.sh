#!/usr/bin/env bash
# A burst on the target: wrcap with its defaults against the line of the shell script that it replaces
# (ssh -C ... sudo tcpdump -U -s 1600). Prints what was sent, what arrived, and what the target's kernel dropped.
# usage: benches/burst.sh [target/release/wrcap]      RUNS=3 RATES="100000 150000" PACKETS=300000
RUNS=${RUNS:-3}
set -u
. "$(dirname "$0")/common.sh"
command -v tcpreplay >/dev/null || { echo "needs tcpreplay (apt-get install tcpreplay)" >&2; exit 3; }
PACKETS=${PACKETS:-300000}

perl -e 'print pack("VvvlVVV", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1);
  for my $n (1 .. $ARGV[0]) {
    my $p = pack("H12H12n", "0200000000ff", "0200000000fe", 0x88b5) . pack("N", $n) . ("GET /api/items/$n HTTP/1.1\r\nHost: shop.example\r\nAccept: */*\r\n\r\n" x 4);
    $p = substr($p, 0, 256) . pack("N*", map { int rand 2**32 } 1 .. 61);    # half of it compresses, as traffic does
    print pack("VVVV", 1_700_000_000, 0, 500, 500), $p }' "$PACKETS" >"$WORK/burst.pcap"

wait_for() { # FILE TEXT: at most 20 s
  local i
  for ((i = 0; i < 400; i++)); do grep -q -- "$2" "$1" 2>/dev/null && return; sleep 0.05; done
  echo "no '$2' after 20 s:" >&2; tail -n 5 "$1" >&2; return 1
}
settled() { # FILE: no growth for two seconds
  local size=-1 same=0 now
  while [ $same -lt 10 ]; do
    now=$(stat -c %s "$1" 2>/dev/null); if [ "$now" = "$size" ]; then same=$((same + 1)); else same=0; size=$now; fi
    sleep 0.2
  done
}
sent() { lab replay t1 "$WORK/burst.pcap" "$1" 2>/dev/null | sed -n 's/^Actual: \([0-9]*\) packets.*/\1/p; s/^Rated: .* \([0-9]*\)[.0-9]* pps.*/rate \1/p' | tr '\n' ' '; }
count() { # FILE: packets in a pcap or pcapng
  if command -v capinfos >/dev/null; then capinfos -r -T -c -M "$1" 2>/dev/null | cut -f2; else tcpdump -n -r "$1" 2>/dev/null | wc -l; fi
}
line() { printf '%-30s %9s %9s %9s %12s   %s\n' "$@"; }
share() { awk "BEGIN {printf \"%.1f %% lost\", $1 ? 100 * ($1 - $2) / $1 : 0}"; }

# The old line, on the quiet interface. Its statistics come when tcpdump is asked to end.
by_script() { # RATE
  local pid s got
  ssh -n -C -F "$WORK/lab/ssh_config" t1 'sudo tcpdump -i cap0 -U -s 1600 -w -' 2>"$WORK/script.err" | cat >"$WORK/script.pcap" &
  wait_for "$WORK/script.err" 'listening on' || return
  s=$(sent "$1"); settled "$WORK/script.pcap"
  for pid in $(lab ps t1 | awk -F'\t' '$4 ~ /^sudo tcpdump/ {print $1}'); do kill -INT "$pid" 2>/dev/null; done
  wait
  got=$(count "$WORK/script.pcap")
  line "script's line at ${s##*rate }/s" "${s%% *}" "$got" "$(sed -n 's/ packets dropped by kernel//p' "$WORK/script.err")" "$(share "${s%% *}" "$got")" ''
}

by_wrcap() { # RATE
  local pid s got
  set -m # otherwise bash starts it with SIGINT ignored
  "$WRCAP" capture lab/t1 --profiles "$WORK/lab/profiles" -i cap0 --no-viewer -w "$WORK/wrcap.pcapng" --json >"$WORK/wrcap.events" 2>"$WORK/wrcap.err" &
  pid=$!; set +m
  # Live is a state event; the word's exact place in the line is wrcap's business.
  wait_for "$WORK/wrcap.events" '"live"' || { kill $pid; return 1; }
  s=$(sent "$1"); settled "$WORK/wrcap.pcapng"
  kill -INT $pid; wait $pid
  got=$(count "$WORK/wrcap.pcapng")
  line "wrcap at ${s##*rate }/s" "${s%% *}" "$got" "$(sed -n 's/.*"kernel_dropped": *\([0-9]*\).*/\1/p' "$WORK/wrcap.events" | tail -n 1)" "$(share "${s%% *}" "$got")" \
    "$(grep -o '"complete": *[a-z]*' "$WORK/wrcap.events" | tail -n 1)"
}

echo "burst: $PACKETS packets of 500 B on the target, one bastion in between, $RUNS runs each"
line '' sent received dropped '' ''
for rate in ${RATES:-100000 150000}; do
  for ((run = 1; run <= RUNS; run++)); do
    by_script "$rate"
    [ -z "$WRCAP" ] || by_wrcap "$rate"
  done
done
