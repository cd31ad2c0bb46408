# Reads the counters of all interfaces, once for every line on stdin. Written and sent like minder.sh.
#
# stdin:  tag, then a line for each reading; its end is the end.
# stdout: for each reading "wrcap-rates TAG", the kernel's own table, "wrcap-rates-end TAG". The table is rates.rs's to read.

umask 077
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
export LC_ALL PATH
IFS= read -r tag || exit 125

read_all() {
  if [ -r /proc/net/dev ]; then
    cat /proc/net/dev
  else
    netstat -ibn 2>/dev/null
  fi
}

while IFS= read -r order; do
  printf "wrcap-rates %s\n" "$tag"
  read_all </dev/null
  printf "wrcap-rates-end %s\n" "$tag"
done
