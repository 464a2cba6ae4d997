#!/usr/bin/env bash
# Makes a Python base image from a CPython of this machine: the interpreter, pip, its shared libraries, static busybox.
#   containers/mkbase-python.sh PYTHON TAG [LABEL]
# It stands in for python:3-slim where no registry can be reached: no apt, no compiler, wheels only.
set -euo pipefail
python=$1 tag=$2 label=${3:-}
read -r prefix version < <("$python" -c 'import sys; print(sys.base_prefix, "%d.%d" % sys.version_info[:2])')
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root"/{usr/local/{bin,lib},usr/bin,usr/sbin,usr/lib,usr/lib64,etc/ssl/certs,proc,sys,dev,run,var/tmp,root,home}
mkdir -m 1777 "$root/tmp"
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done

# A Python built with a shared library has it beside lib/pythonX.Y; Debian's own has none there.
shared=()
for file in "$prefix/lib/libpython$version.so.1.0"; do if [ -e "$file" ]; then shared+=("${file#"$prefix"/}"); fi; done
tar -C "$prefix" -c --exclude='lib/python*/test' --exclude='lib/python*/config-*' --exclude='lib/python*/idlelib' \
    --exclude='lib/python*/tkinter' --exclude='lib/python*/turtledemo' --exclude='lib/python*/lib2to3/tests' --exclude='_tkinter*' --exclude='__pycache__' \
    --exclude='*.a' --exclude='lib/python*/site-packages/*' --exclude='lib/python*/dist-packages/*' \
    "bin/python$version" "${shared[@]}" "lib/python$version" | tar -C "$root/usr/local" -x
library=$root/usr/local/lib/python$version
mkdir -p "$library/site-packages"
wheel=$("$python" -c 'import ensurepip, pathlib; print(*sorted((pathlib.Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl")))')
"$python" -m zipfile -e "$wheel" "$library/site-packages"
strip --strip-unneeded "$root/usr/local/bin/python$version" "$library"/lib-dynload/*.so 2>/dev/null || true
ln -s "python$version" "$root/usr/local/bin/python3"
ln -s python3 "$root/usr/local/bin/python"
printf '#!/bin/sh\nexec python3 -m pip "$@"\n' >"$root/usr/local/bin/pip"
chmod +x "$root/usr/local/bin/pip"

# Shared libraries, at the paths that they have here; those that wheels commonly need come along.
export LD_LIBRARY_PATH=$prefix/lib
machine=/lib/$(uname -m)-linux-gnu
{
    ldd "$prefix/bin/python$version"
    find "$library/lib-dynload" -name '*.so' -exec ldd {} +
} | awk '$3 ~ /^\//{print $3} $1 ~ /^\/lib/{print $1}' | { grep -v "^$prefix/lib/libpython" || true; } >"$root/libraries"
ls "$machine"/{libnss_dns.so.2,libnss_files.so.2,libresolv.so.2,libgcc_s.so.1,libstdc++.so.6,libpthread.so.0,libdl.so.2,librt.so.1,libutil.so.1} >>"$root/libraries"
sort -u "$root/libraries" | while read -r library_file; do
    folder=$root/usr$machine
    case $library_file in /lib64/*) folder=$root/usr/lib64 ;; esac
    mkdir -p "$folder"
    cp -L "$library_file" "$folder/"
done
rm "$root/libraries"

busybox=$(command -v busybox)
cp "$busybox" "$root/usr/bin/busybox"
for applet in $("$busybox" --list); do ln -s busybox "$root/usr/bin/$applet" 2>/dev/null || true; done
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
printf 'hosts: files dns\npasswd: files\ngroup: files\n' >"$root/etc/nsswitch.conf"
printf '/usr/local/lib\n/usr%s\n' "$machine" >"$root/etc/ld.so.conf"
ldconfig -r "$root"

# Without byte code every start would compile the standard library; hashes, as the archive has no true times.
(cd "$library" && "$python" -m compileall -q -j2 --invalidation-mode unchecked-hash -s "$root" . -x 'site-packages/pip' || true)
tar -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -c . | docker import \
    -c 'ENV PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 PYTHONUNBUFFERED=1 SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt' \
    -c "LABEL godwit.inputs=$label" -c 'CMD ["python3"]' - "$tag"
