# A PostgreSQL server of one's own on a Unix socket: says where, runs until stdin ends, and leaves nothing behind.
set -eu
home=$(mktemp -d /tmp/kezek-pg-XXXXXX)
as=
if [ "$(id -u)" = 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    chown "$user" "$home"
    as="runuser -u $user --"
fi
found=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -1)
bin=$(dirname "$(readlink -f "$(command -v initdb || echo "$found")")")
cd "$home"
export LC_ALL=C
$as "$bin/initdb" -D "$home/data" -U kezek -A trust -E UTF8 --locale=C --no-sync >"$home/initdb.log" 2>&1 || {
    cat "$home/initdb.log" >&2
    exit 1
}
$as "$bin/postgres" -D "$home/data" -k "$home" -c listen_addresses= -c max_connections=200 \
    </dev/null >"$home/log" 2>&1 &
server=$!
ended() { kill -INT "$(head -1 "$home/data/postmaster.pid")" 2>/dev/null || true; wait "$server" || true; rm -rf "$home"; }
trap ended EXIT
trap '' INT TERM
for _ in $(seq 300); do
    if "$bin/pg_isready" -q -h "$home"; then
        echo "$home"
        cat >/dev/null
        exit 0
    fi
    sleep 0.1
done
cat "$home/log" >&2
exit 1
