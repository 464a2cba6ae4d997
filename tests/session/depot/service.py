"""A depot that keeps its parcels in SQLite; DEPOT_WRONG names what its answers cost too much by."""

import json
import os
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

VERSION, PORT, STORE = sys.argv[1], int(sys.argv[2]), sys.argv[3].removeprefix("sqlite:///")
WRONG = os.environ.get("DEPOT_WRONG", "")
SENT = [0]

Path(STORE).parent.mkdir(parents=True, exist_ok=True)
DATABASE = sqlite3.connect(STORE, check_same_thread=False, isolation_level=None)
DATABASE.executescript(
    "PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF;"
    "CREATE TABLE IF NOT EXISTS parcels (id INTEGER PRIMARY KEY, shelf INTEGER, label TEXT);"
    "CREATE TABLE IF NOT EXISTS items (id INTEGER PRIMARY KEY, parcel INTEGER, label TEXT);"
    "CREATE INDEX IF NOT EXISTS items_parcel ON items(parcel)"
)
DATABASE.execute(
    "DROP INDEX IF EXISTS parcels_shelf"
    if WRONG == "no index"
    else "CREATE INDEX IF NOT EXISTS parcels_shelf ON parcels(shelf)"
)


def rows(sql: str, *values: Any) -> list[Any]:
    """What a query gives, counted."""
    SENT[0] += 1
    return DATABASE.execute(sql, values).fetchall()


def listing() -> list[dict[str, Any]]:
    """All parcels with their items: one query, or one more for each parcel."""
    if WRONG == "query in a loop":
        parcels = rows("SELECT id FROM parcels ORDER BY id")
        return [
            {"id": key, "items": [it for (it,) in rows("SELECT label FROM items WHERE parcel = ?", key)]}
            for (key,) in parcels
        ]
    found: dict[int, list[str]] = {}
    for key, label in rows("SELECT p.id, i.label FROM parcels p LEFT JOIN items i ON i.parcel = p.id ORDER BY p.id"):
        found.setdefault(key, []).extend([label] if label else [])
    return [{"id": key, "items": items} for key, items in found.items()]


class Depot(BaseHTTPRequestHandler):
    """Answers for one version."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # head and body in one packet: two wait for each other for 40 ms

    def do_GET(self) -> None:
        """Health, metrics, one shelf, or everything."""
        url = urlsplit(self.path)
        if url.path == "/health":
            return self.say({"status": "ok", "version": VERSION})
        if url.path == "/metrics":
            return self.send(200, f"# TYPE queries counter\nqueries_total {SENT[0]}\n".encode(), "text/plain")
        if url.path == "/parcels":
            return self.say(listing())
        if url.path == "/count":
            return self.say({"parcels": rows("SELECT count(*) FROM parcels")[0][0]})
        shelf = int(parse_qs(url.query)["shelf"][0])
        if WRONG == "fails when full" and rows("SELECT count(*) FROM parcels")[0][0] > 500:
            return self.send(500, b"{}", "application/json")
        return self.say([key for (key,) in rows("SELECT id FROM parcels WHERE shelf = ?", shelf)])

    def do_POST(self) -> None:
        """Take a parcel."""
        size = int(self.headers.get("content-length", 0))
        parcel = json.loads(self.rfile.read(size))
        if WRONG != "takes nothing":
            rows("INSERT INTO parcels (id, shelf, label) VALUES (?, ?, ?)", parcel["id"], parcel["id"], "a parcel")
            rows("INSERT INTO items (parcel, label) VALUES (?, 'an item')", parcel["id"])
        self.say({"id": parcel["id"]}, 201)

    def say(self, body: Any, status: int = 200) -> None:
        """Answer in JSON."""
        self.send(status, json.dumps(body).encode(), "application/json")

    def send(self, status: int, body: bytes, kind: str) -> None:
        """Answer at once."""
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True


Server(("127.0.0.1", PORT), Depot).serve_forever()
