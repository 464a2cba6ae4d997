#!/bin/sh
# Serves a copy of db.json with one version of json-server, installed below a folder of its own on first use.
# serve.sh VERSION FOLDER PORT
set -eu
here=$(dirname "$0")
mkdir -p "$2"
[ -e "$2/node_modules/.bin/json-server" ] ||
    npm install --prefix "$2" --no-audit --no-fund --loglevel error "json-server@$1"
[ -e "$2/db.json" ] || sed "s/VERSION/$1/" "$here/db.json" >"$2/db.json"
cd "$2"
exec node_modules/.bin/json-server db.json --host 127.0.0.1 --port "$3"
