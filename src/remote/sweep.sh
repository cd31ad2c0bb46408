# The sweep: says which processes on the target may be wrcap's, and ends those that it is told to. Written and sent
# like minder.sh.
#
# stdin:  tag, "look" or "end", number of processes, then for each "PID START KIND": START as it was said before,
#         KIND is "relay" for a sudo or doas that passes signals on, "minder" for the shell of minder.sh itself, else "own".
# stdout: "wrcap-sweep TAG", lines "key value", "wrcap-sweep-end TAG":
#         "process PID PPID GROUP UID START AGE STATE ARGUMENTS", AGE in seconds or as [[DD-]HH:]MM:SS;
#         "env PID LABEL" for a process that carries minder.sh's variable;
#         "alive PID CLIENT-PORT SERVER-PORT" for a connection that PID's filter excludes and that is still there.
#         What is whose is decided by leftover.rs.

umask 077
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
export LC_ALL PATH
set -f
IFS= read -r tag && IFS= read -r mode && IFS= read -r count || exit 125
chosen=
while [ "$count" -gt 0 ]; do
  read -r pid start kind || exit 125
  chosen="$chosen $pid,$start,$kind"
  count=$((count - 1))
done
exec </dev/null 2>/dev/null
unset WRCAP_SESSION

proc=
[ -r /proc/self/stat ] && proc=1

# Reads what Linux says of a process: state, ppid, group and start, which is in ticks since the machine's.
facts() {
  IFS= read -r line <"/proc/$1/stat" || return 1
  set -- ${line##*") "}
  state=$1
  ppid=$2
  group=$3
  start=${20}
  [ -n "$start" ]
}

# Whether the process is still the one that was meant. A zombie is gone.
same() {
  if [ -n "$proc" ]; then
    facts "$1" && [ "$start" = "$2" ] && [ "$state" != Z ]
  else
    state=$(ps -o state= -p "$1")
    case $state in
    "" | Z*) return 1 ;;
    esac
    set -- "$2" $(ps -o lstart= -p "$1")
    [ "$1" = "$2_$3_$4_$5_$6" ]
  fi
}

owner() {
  while read -r key uid rest; do
    [ "$key" = Uid: ] && return
  done <"/proc/$1/status"
  return 1
}

# Says which of the connections that a filter excludes are there; any with these ports counts, whoever's it is.
connections() {
  rest=$2
  while :; do
    before=$rest
    rest=${rest#*"not (tcp and host "}
    [ "$rest" = "$before" ] && break
    set -- "$1" $rest
    client=$5
    server=${11%%")"*}
    case $client$server in
    "" | *[!0-9]*) continue ;;
    esac
    if [ -n "$proc" ]; then
      row=$(printf ":%04X [0-9A-F]*:%04X 01 " "$server" "$client")
      grep -q "$row" /proc/net/tcp || grep -q "$row" /proc/net/tcp6 ||
      grep -q "$row" "/proc/$1/net/tcp" || grep -q "$row" "/proc/$1/net/tcp6" || continue
    else
      netstat -an | grep -q "[.:]$server  *[^ ]*[.:]$client  *ESTABLISHED" || continue
    fi
    printf "alive %s %s %s\n" "$1" "$client" "$server"
  done
}

candidate() {
  facts "$1" && owner "$1" || return
  [ "$1" = "$$" ] && return
  args=$(tr "\000\n\t" "   " <"/proc/$1/cmdline" | cut -b 1-6000)
  printf "process %s %s %s %s %s %s %s %s\n" "$1" "$ppid" "$group" "$uid" "$start" "$((up - start / 100))" "$state" "$args"
  mark=$(tr "\000" "\n" <"/proc/$1/environ" | grep "^WRCAP_SESSION=wrcap-" | head -n 1)
  [ -n "$mark" ] && printf "env %s %s\n" "$1" "${mark#WRCAP_SESSION=wrcap-}"
  connections "$1" "$args"
}

# One after the other without a process each: for a grep that sees no further than the first NUL.
slowly() {
  for dir in [0-9]*; do
    text=
    IFS= read -r text <"$dir/cmdline"
    case $text in
    *wrcap-* | *tcpdump*) printf "%s/cmdline\n" "$dir" ;;
    esac
  done
}

look_proc() {
  cd /proc || return
  read -r up rest <uptime
  up=${up%%.*}
  set +f
  found=" $(grep -l -e wrcap- -e tcpdump [0-9]*/cmdline | tr "\n" " ")"
  case $found in
  *" $$/cmdline "*) found="$found $(grep -l "WRCAP_SESSION=wrcap-" [0-9]*/environ)" ;;
  *) found=$(slowly) ;;
  esac
  set -f
  seen=" "
  for file in $found; do
    pid=${file%%/*}
    case $seen in
    *" $pid "*) ;;
    *)
      seen="$seen$pid "
      candidate "$pid"
      ;;
    esac
  done
}

look_ps() {
  ps -axww -o pid= -o ppid= -o pgid= -o uid= -o state= -o lstart= -o etime= -o command= |
  while read -r pid ppid group uid state day month date time year age args; do
    case $args in
    *wrcap-* | *tcpdump*)
      [ "$pid" = "$$" ] && continue
      start=${day}_${month}_${date}_${time}_$year
      printf "process %s %s %s %s %s %s %s %s\n" "$pid" "$ppid" "$group" "$uid" "$start" "$age" "$state" "$args"
      connections "$pid" "$args"
      ;;
    esac
  done
}

look() {
  if [ -n "$proc" ]; then
    printf "system proc\n"
    [ -r /proc/1/stat ] || printf "hidden\n"
    look_proc
  else
    printf "system ps\n"
    look_ps
  fi
}

# Gives each chosen process that is still there to a command with its pid; KINDS says of which kinds.
each() {
  kinds=$1
  shift
  for one in $chosen; do
    pid=${one%%,*}
    kind=${one##*,}
    one=${one#*,}
    case $kinds in
    *$kind*) same "$pid" "${one%,*}" && "$@" "$pid" ;;
    esac
  done
}

# Whether any of these kinds is still there after so many tenths of a second, looked at again and again.
last() {
  left=$2
  while [ -n "$(each "$1" echo)" ]; do
    [ "$left" -gt 0 ] || return 0
    left=$((left - 2))
    sleep 0.2 || { sleep 1 && left=$((left - 8)); }
  done
  return 1
}

hit() {
  kill -s "$1" "$2"
}

# For what is not ours: only after what we may do ourselves was not enough, since sudo tells its administrator of
# every refusal.
hit_as_root() {
  kill -s "$1" "$2" || sudo -n -- kill -s "$1" "$2" || doas -n kill -s "$1" "$2"
}

# A minder hears first that it is us: its session then knows that somebody wanted the end. TERM to everything: a minder
# ends what it started, sudo passes it on, as it comes from another process group. What was stopped has to go on to
# notice. KILL goes to a sudo only when what it runs is gone: it cannot pass it on.
end() {
  each minder hit USR2
  each "own minder relay" hit TERM
  each "own minder relay" hit CONT
  last "own minder relay" 30 || return
  each "own minder relay" hit_as_root TERM
  each "own minder relay" hit_as_root CONT
  last "own minder" 20 && each "own minder" hit_as_root KILL
  last "own minder" 10 && return
  last relay 10 && each relay hit_as_root KILL
}

printf "wrcap-sweep %s\nuid %s\n" "$tag" "$(id -u)"
[ "$mode" = end ] && end
look
printf "wrcap-sweep-end %s\n" "$tag"
