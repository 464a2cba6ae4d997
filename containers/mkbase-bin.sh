#!/usr/bin/env bash
# Makes an image from programs that this machine has: their files, the libraries they need, static busybox.
#   containers/mkbase-bin.sh TAG "CHANGE"... -- PATH...     paths are copied to the same place; GODWIT_EXCLUDE: tar's excludes
set -euo pipefail
tag=$1
shift
changes=()
while [ "$1" != -- ]; do
    changes+=(-c "$1")
    shift
done
shift
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
machine=/lib/$(uname -m)-linux-gnu

mkdir -p "$root"/{usr/bin,usr/sbin,usr/lib,usr/lib64,etc,proc,sys,dev,run,var/tmp,root,home}
mkdir -m 1777 "$root/tmp"
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
busybox=$(command -v busybox)
cp "$busybox" "$root/usr/bin/busybox"
for applet in $("$busybox" --list); do [ "$applet" = busybox ] || ln -sf busybox "$root/usr/bin/$applet"; done

read -ra excludes <<<"${GODWIT_EXCLUDE:-}"
tar -C / -ch --hard-dereference "${excludes[@]}" "${@#/}" | tar -C "$root" -x
{
    { find "$root" -type f \( -perm -100 -o -name '*.so*' \) ! -name busybox -exec ldd {} + 2>/dev/null || true; } |
        awk '$3 ~ /^\//{print $3} $1 ~ /^\/lib/{print $1}'
    ls "$machine"/libnss_{dns,files}.so.2 "$machine/libresolv.so.2"
} | sort -u | while read -r library; do
    folder=$root/usr$machine
    case $library in /lib64/*) folder=$root/usr/lib64 ;; esac
    mkdir -p "$folder"
    [ -e "$folder/${library##*/}" ] || cp -L "$library" "$folder/"
done
printf 'root:x:0:0:root:/root:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\nredis:x:998:998::/:/bin/false\nnobody:x:65534:65534::/:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\npostgres:x:999:\nredis:x:998:\nnogroup:x:65534:\n' >"$root/etc/group"
printf 'hosts: files dns\npasswd: files\ngroup: files\n' >"$root/etc/nsswitch.conf"
ldconfig -r "$root"
tar -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -c . | docker import "${changes[@]}" - "$tag"
