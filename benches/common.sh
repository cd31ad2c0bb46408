# Sourced by the benches: the binary to measure, a lab of its own, and figures over several runs.
WRCAP=${1:-${WRCAP:-target/release/wrcap}}
RUNS=${RUNS:-5}
LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tests/lab" && pwd)/lab.sh
WORK=$(mktemp -d)
PREFIX=b$$

[ "$(id -u)" = 0 ] || { echo "needs root: the lab is built of network namespaces" >&2; exit 3; }
if [ -x "$WRCAP" ]; then WRCAP=$(cd "$(dirname "$WRCAP")" && pwd)/$(basename "$WRCAP"); else
  echo "no wrcap at '$WRCAP': only the other side is measured (usage: $0 PATH-OF-WRCAP)" >&2; WRCAP=
fi

lab() { local verb=$1; shift; bash "$LAB" "$verb" --prefix "$PREFIX" "$@"; }
cleanup() { lab down; rm -rf "$WORK"; }
trap cleanup EXIT
trap 'exit 130' INT TERM
lab up --dir "$WORK/lab" --targets 1 --owner $$ >/dev/null || exit
export WRCAP WORK
plain_ssh() { ssh -n -F "$WORK/lab/ssh_config" "$@"; }
export -f plain_ssh
# wrcap's own settings and state stay out of the measurement, and out of the user's folders.
export XDG_CONFIG_HOME=$WORK/config XDG_STATE_HOME=$WORK/state XDG_RUNTIME_DIR=$WORK/run
mkdir -p -m 700 "$XDG_CONFIG_HOME" "$XDG_STATE_HOME" "$XDG_RUNTIME_DIR"

# Runs a function as the only thing in a pid namespace and waits for all that it left running: ssh does not wait for
# the ssh of its ProxyJump, whose cpu time would go uncounted. The wall clock stops with the function itself.
alone() {
  local start=$EPOCHREALTIME rc
  "$@"; rc=$?
  awk "BEGIN {printf \"%.3f\", $EPOCHREALTIME - $start}" >"$WORK/wall"
  while set -- /proc/[0-9]*; [ $# -gt 1 ]; do sleep 0.02; done
  return $rc
}
export -f alone

# timed NAME FUNCTION: appends "wall cpu" (seconds) to NAME.
timed() {
  local name=$1 rc; shift
  local TIMEFORMAT='%U %S'
  { time unshare -p -f --mount-proc bash -c 'alone "$@"; exit $?' bash "$@" >"$WORK/$name.out" 2>"$WORK/$name.err"; } 2>"$WORK/time"; rc=$?
  echo "$(cat "$WORK/wall") $(awk '{print $1 + $2}' "$WORK/time")" >>"$WORK/$name"
  [ $rc = 0 ] || { echo "$name failed ($rc):" >&2; tail -n 5 "$WORK/$name.err" >&2; }
  return $rc
}

# min / median / max of column COL of FILE
spread() { sort -n -k"$2,$2" "$1" | awk -v c="$2" '{v[NR]=$c} END {if (NR) printf "%s / %s / %s", v[1], v[int((NR+1)/2)], v[NR]; else printf "-"}'; }
