#!/bin/sh
# POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and /docker-entrypoint-initdb.d/*.sql as the official image reads them.
set -e
: "${POSTGRES_USER:=postgres}" "${POSTGRES_PASSWORD:=postgres}" "${PGDATA:=/var/lib/postgresql/data}"
: "${POSTGRES_DB:=$POSTGRES_USER}"
export PGDATA
[ $# -eq 0 ] && set -- postgres
case $1 in -*) set -- postgres "$@" ;; esac
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
    cp -a /var/lib/postgresql/template/. "$PGDATA/"
    printf "listen_addresses='*'\nunix_socket_directories='/tmp'\n" >>"$PGDATA/postgresql.conf"
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    {
        if [ "$POSTGRES_USER" = postgres ]; then
            echo "ALTER USER postgres PASSWORD '$POSTGRES_PASSWORD';"
        else
            echo "CREATE ROLE \"$POSTGRES_USER\" SUPERUSER LOGIN PASSWORD '$POSTGRES_PASSWORD';"
        fi
        [ "$POSTGRES_DB" = postgres ] || echo "CREATE DATABASE \"$POSTGRES_DB\" OWNER \"$POSTGRES_USER\";"
    } | postgres --single -D "$PGDATA" -c fsync=off postgres >/dev/null
    for file in /docker-entrypoint-initdb.d/*.sql; do
        [ -e "$file" ] || continue
        { tr '\n' ' ' <"$file"; echo; } | postgres --single -j -D "$PGDATA" "$POSTGRES_DB" >/dev/null
    done
    echo "PostgreSQL init process complete; ready for start up."
fi
exec "$@"
