# The keeper of a demo: builds the lab, then waits until wrcap is gone, however it went, and takes everything down.
# stdin: a pipe that only wrcap holds open. stdout: one line, the exit code of the building. What the building says
# is in FOLDER/said. Arguments: FOLDER, then more for `lab.sh up`.
# Caught and not ignored, so that what is started here still hears them.
trap : HUP INT TERM PIPE
folder=$1
shift
lab() { bash "$folder/lab.sh" "$@" >/dev/null 2>>"$folder/said"; }
lab up --dir "$folder/lab" --site demo --label web- --owner $$ "$@" && lab traffic --dir "$folder/lab" all start
echo "$?" 2>/dev/null
exec >/dev/null 2>&1
cat
lab down --dir "$folder/lab"
rm -rf "$folder"
