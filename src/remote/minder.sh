# The minder: starts a capture on the target, obeys its stdin, and sees to it that the capture dies with the session.
#
# It arrives as the first line of stdin (script.rs makes one line of this file), so no login shell parses it and no
# user text is ever part of a command line. Rules of this file: statements end with their line, no comments behind
# code, POSIX only (dash, bash, busybox ash, ksh93).
#
# stdin:  tag, way, lease in seconds, name of the statistics signal, [password], number of arguments, the arguments;
#         then "beat N", "stat", "stop".
# stdout: "wrcap-stream TAG", then what the capture writes.
# stderr: what the capture says; "wrcap: beat N NANOSECONDS [CHANGES STATE]" with what Linux says of the interface;
#         at the end "wrcap: stays", if what we started does, "wrcap: cleaned", if USR2 said that a sweep ends us
#         (sweep.sh), and as the last line "wrcap: exit CODE".

umask 077
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
export LC_ALL PATH

fail() {
  printf "wrcap: bad settings\nwrcap: exit 125\n" >&2
  exit 125
}

# What must not outlive the capture is ended through our process group, so we have to lead one. sshd gives every
# command its own; elsewhere setsid does.
if [ -z "$wrcap_led" ]; then
  wrcap_led=1
  export wrcap wrcap_led
  kill -0 "-$$" 2>/dev/null || exec setsid sh -c "eval \"\$wrcap\"" "$0"
fi

# sudo with requiretty wants a controlling terminal, not a terminal on stdin or stdout: the same script goes on below
# script(1), and its real streams come along as 7, 8 and 9, so the capture never passes through the pty.
if [ -z "$wrcap_tty" ]; then
  IFS= read -r tag && IFS= read -r way || fail
  case $way in
  *-tty*)
    wrcap_tty=1
    SHELL=/bin/sh
    export wrcap_tty tag way SHELL
    exec script -qec "exec sh -c 'eval \"\$wrcap\"' $0" /dev/null 7<&0 8>&1 9>&2 </dev/null >/dev/null
    ;;
  esac
else
  exec <&7 >&8 2>&9 7<&- 8>&- 9>&-
fi
unset wrcap wrcap_led wrcap_tty

# What we start can be recognised as ours (sweep.sh) when we are gone: by this variable, and below sudo, which drops
# it, by the prompt that it never shows.
WRCAP_SESSION=$0
export WRCAP_SESSION

password=
IFS= read -r lease && IFS= read -r stats || fail
case $way in
*-password) IFS= read -r password || fail ;;
esac
IFS= read -r count || fail
set --
while [ $# -lt "$count" ]; do
  IFS= read -r arg || fail
  set -- "$@" "$arg"
done
wire=
case "$*" in
*" -i "*)
  wire="$*"
  wire=${wire#*" -i "}
  wire=/sys/class/net/${wire%%" "*}
  ;;
esac

# Many versions of sudo do not relay signals that come from their own process group, so the sender has to leave ours.
hit() {
  case $way in
  none) kill -s "$1" "$pid" ;;
  command) kill "-$1" "-$pid" || kill -s "$1" "$pid" ;;
  doas) kill -s "$1" "$pid" || doas -n kill -s "$1" "$pid" ;;
  *) setsid sh -c "kill -s $1 $pid" || perl -e "setpgrp; kill(q($1), $pid) or exit 1" || kill -s "$1" "$pid" ;;
  esac 2>/dev/null
}

# Sleeps $1 seconds. No trap is set while a child is forked: a child that still has its parent's handler loses a TERM.
nap() {
  sleep "$1" &
  nap=$!
  trap "kill -s KILL \$nap; exit 0" TERM
  wait "$nap"
  trap - TERM
}

# What a sudo runs: the first of its children, as Linux or ps(1) tells.
child() {
  kid=
  read -r kid rest <"/proc/$1/task/$1/children"
  [ -n "$kid" ] || kid=$(ps -A -o ppid= -o pid= | while read -r up down; do [ "$up" = "$1" ] && echo "$down" && break; done)
  [ -n "$kid" ]
}

# A sudo never gets the KILL itself: it could not pass it on, and what it runs would go on without a word of whose it is.
last_resort() {
  case $way in
  sudo*)
    kid=$pid
    set --
    while child "$kid"; do
      set -- "$@" "$kid"
    done
    [ $# = 0 ] || kill -s KILL "$@" || sudo -n -- kill -s KILL "$@"
    ;;
  *) hit KILL ;;
  esac
}

# What was stopped has to go on to notice; sudo stops with what it runs and passes both on. Whether it went is said.
end() {
  hit TERM
  hit CONT
  nap 5
  last_resort
  nap 1
  kill -s USR1 "$$"
}

# The lease: ends the capture unless it is told in time that somebody is still there.
guard() {
  nap "$lease"
  end
}

# After a TERM that ksh93 may lose on a guard just forked: KILL makes sure. A sleep that lost its guard by it is
# harmless and ends with our process group at the latest.
relieve() {
  kill -s KILL "$guard"
  wait "$guard"
}

control() {
  trap "" PIPE
  guard 4>&- </dev/null &
  guard=$!
  while read -r verb number; do
    case $verb in
    beat)
      kill "$guard"
      changes=
      state=
      [ -r "$wire/carrier_changes" ] && read -r changes <"$wire/carrier_changes" && read -r state <"$wire/operstate"
      printf "wrcap: beat %s %s %s %s\n" "$number" "$(date +%s%N)" "$changes" "$state" >&4
      relieve
      guard 4>&- </dev/null &
      guard=$!
      ;;
    stat) hit "$stats" ;;
    stop) break ;;
    esac
  done
  kill "$guard"
  relieve
  end
}

exec 3<&0 </dev/null
printf "wrcap-stream %s\n" "$tag"
case $way in
none) { exec "$@"; } 3<&- & ;;
command)
  if command -v setsid >/dev/null; then
    set -- setsid "$@"
  fi
  { exec "$@"; } 3<&- &
  ;;
*-password) printf "%s\n" "$password" | { exec sudo -k -S -p "" -- "$@"; } 3<&- & ;;
sudo*) { exec sudo -n -p "$0" -- "$@"; } 3<&- & ;;
doas) { exec doas -n "$@"; } 3<&- & ;;
*) fail ;;
esac
pid=$!
password=
control <&3 3<&- 4>&2 >/dev/null 2>&1 &
control=$!
exec 3<&-

# From here on nothing may stop us from ending the rest, not even a message to a client that is gone.
trap "hit TERM" HUP INT TERM
cleaned=
stays=
trap "cleaned=1" USR2
trap "stays=1" USR1
trap "" PIPE

code=0
while :; do
  wait "$pid"
  code=$?
  kill -0 "$pid" 2>/dev/null || break
  [ -n "$stays" ] && break
done
[ -n "$stays" ] && kill -0 "$pid" 2>/dev/null && printf "wrcap: stays\n" >&2
trap "" HUP INT TERM USR1 USR2
kill -TERM "-$$" 2>/dev/null
kill -s KILL "$control" 2>/dev/null
wait "$control" 2>/dev/null
kill -TERM "-$$" 2>/dev/null
[ "$way" = command ] && hit TERM
[ -n "$cleaned" ] && printf "wrcap: cleaned\n" >&2
printf "wrcap: exit %s\n" "$code" >&2
exit "$code"
