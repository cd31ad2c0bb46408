# Compiles a filter and says what tcpdump thinks of it: nothing is captured, no right is needed. Written and sent like minder.sh.
#
# stdin:  tag, link type, filter.
# stdout: "wrcap-compile TAG", tcpdump's words as lines "words LINE", "exit CODE" or without a tcpdump "exit none",
#         "wrcap-compile-end TAG".

umask 077
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin
export LC_ALL PATH
IFS= read -r tag && IFS= read -r link && IFS= read -r filter || exit 125
exec </dev/null

printf "wrcap-compile %s\n" "$tag"
code=none
tcpdump=$(command -v tcpdump)
if [ -n "$tcpdump" ]; then
  text=$("$tcpdump" -y "$link" -d -- "$filter" 2>&1 >/dev/null)
  code=$?
  printf "%s\n" "$text" | while IFS= read -r line; do
    printf "words %s\n" "$line"
  done
fi
printf "exit %s\n" "$code"
printf "wrcap-compile-end %s\n" "$tag"
