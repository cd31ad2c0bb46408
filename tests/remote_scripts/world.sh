#!/bin/sh
# Runs a command as a user that exists only here: sh world.sh KIND SHELL COMMAND, as root, below `unshare -mn`.
# KIND says how that user comes to root: root, none, sudo, dump (sudo for tcpdump alone), password, requiretty,
# tty-password, doas, caps. Its password is "open sesame". Only bind mounts in this mount namespace: the machine
# itself is not changed. stdin, stdout and stderr are the command's.
set -e
kind=$1 shell=$2 command=$3
mount --make-rprivate /
ip link set lo up
etc=/mnt
mount -t tmpfs -o mode=755 tmpfs "$etc"
cp /etc/passwd /etc/shadow /etc/group "$etc"
user=wr$kind
echo "$user:x:4711:4711::/tmp:$shell" >>"$etc/passwd"
echo "$user:\$6\$wrcap\$$(openssl passwd -6 -salt wrcap 'open sesame' | cut -d'$' -f4):19000:0:99999:7:::" >>"$etc/shadow"
echo "$user:x:4711:" >>"$etc/group"
tcpdump=${WRCAP_TCPDUMP:-$(command -v tcpdump)}
case $kind in
sudo) rule="$user ALL=(root) NOPASSWD: ALL" ;;
dump) rule="$user ALL=(root) NOPASSWD: $tcpdump" ;;
password) rule="$user ALL=(root) $tcpdump" ;;
requiretty) rule="Defaults requiretty
$user ALL=(root) NOPASSWD: $tcpdump" ;;
tty-password) rule="Defaults requiretty
$user ALL=(root) $tcpdump" ;;
*) rule= ;;
esac
{
  echo "Defaults env_reset${WRCAP_SUDO_DEFAULTS:+,$WRCAP_SUDO_DEFAULTS}"
  printf '%s\n' "$rule"
} >"$etc/sudoers"
chmod 440 "$etc/sudoers"
printf 'permit nopass %s as root cmd %s\n' "wrdoas" "$tcpdump" >"$etc/doas.conf"
for f in passwd shadow group sudoers; do mount --bind "$etc/$f" "/etc/$f"; done
if [ "$kind" = doas ]; then
  mkdir "$etc/all"
  mount -t tmpfs tmpfs "$etc/all"
  cp -a /etc/. "$etc/all/"
  cp "$etc/doas.conf" "$etc/all/doas.conf"
  chmod 400 "$etc/all/doas.conf"
  mount --bind "$etc/all" /etc
fi
[ ! -d /run/sudo ] || mount -t tmpfs tmpfs /run/sudo
[ ! -d /var/lib/sudo ] || mount -t tmpfs tmpfs /var/lib/sudo
if [ "$kind" = caps ]; then
  cp "$tcpdump" "$etc/tcpdump"
  setcap cap_net_raw+ep "$etc/tcpdump"
  mount --bind "$etc/tcpdump" "$tcpdump"
fi
cd /tmp
if [ "$kind" = root ]; then
  exec env -i PATH=/usr/bin:/bin SSH_CONNECTION="${SSH_CONNECTION-}" "$shell" -c "$command"
fi
exec setpriv --reuid=4711 --regid=4711 --clear-groups --inh-caps=-all \
  env -i PATH=/usr/bin:/bin HOME=/tmp USER="$user" LOGNAME="$user" SSH_CONNECTION="${SSH_CONNECTION-}" "$shell" -c "$command"
