#!/usr/bin/env bash
# Starts (or stops) a container engine by hand, where no service manager does it; an engine that answers already is used.
#   containers/dockerd-up.sh [up|down]
# State is kept in $GODWIT_ENGINE_DIR (default: a folder in the user's cache), images included.
set -euo pipefail

engine_dir=${GODWIT_ENGINE_DIR:-"${XDG_CACHE_HOME:-$HOME/.cache}/godwit/engine"}
socket=${GODWIT_ENGINE_SOCKET:-/var/run/docker.sock}

answers() { docker -H "unix://$socket" version >/dev/null 2>&1; }

# lives PID NAME: the process has that name and is no zombie. A pid file alone proves nothing after a crash.
lives() {
    [ "$(cat "/proc/$1/comm" 2>/dev/null)" = "$2" ] &&
        [ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null)" != Z ]
}

# drop_stale FILE NAME: dockerd waits 15 s for a containerd that a left-over pid file promises.
drop_stale() {
    local pid
    pid=$(cat "$1" 2>/dev/null || true)
    if [ -n "$pid" ] && ! lives "$pid" "$2"; then rm -f "$1"; fi
}

up() {
    mkdir -p "$engine_dir"
    exec 9>"$engine_dir/lock"
    flock 9
    if answers; then return 0; fi
    command -v dockerd >/dev/null || { echo "dockerd is not installed: apt-get install docker.io" >&2; return 1; }
    drop_stale "$engine_dir/pid" dockerd
    drop_stale "$engine_dir/exec/containerd/containerd.pid" containerd
    # --ip: published ports are bound on loopback only.
    setsid dockerd --data-root "$engine_dir/data" --exec-root "$engine_dir/exec" --pidfile "$engine_dir/pid" \
        -H "unix://$socket" --ip 127.0.0.1 >>"$engine_dir/log" 2>&1 </dev/null 9>&- &
    local started=$!
    for _ in $(seq 300); do
        if answers; then return 0; fi
        kill -0 "$started" 2>/dev/null || break
        sleep 0.1
    done
    echo "dockerd did not come up; the end of $engine_dir/log:" >&2
    tail -5 "$engine_dir/log" >&2
    return 1
}

down() {
    local pid
    pid=$(cat "$engine_dir/pid" 2>/dev/null) || return 0
    lives "$pid" dockerd || return 0
    kill -TERM "$pid"
    for _ in $(seq 200); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    echo "dockerd ($pid) did not stop within 20 s" >&2
    return 1
}

case ${1:-up} in
    up) up ;;
    down) down ;;
    *) echo "usage: $0 [up|down]" >&2; exit 2 ;;
esac
