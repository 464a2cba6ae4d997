"""A desk that keeps notes and cells in one SQLite file, in two versions; DESK_WRONG names what the second does wrong."""

import json
import os
import random
import sqlite3
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROLE, PORT, STORE = sys.argv[1], int(sys.argv[2]), sys.argv[3].removeprefix("sqlite:///")
WRONG = os.environ.get("DESK_WRONG", "") if ROLE == "candidate" else ""
FORM = "2:" if WRONG == "new-form" else ""
LOCK = threading.Lock()
SEEN: dict[str, tuple[float, Any]] = {}
COUNTS = {"written": 0}

if WRONG == "refuses":
    sys.exit("desk: this store belongs to another version")
TABLE = sqlite3.connect(STORE, check_same_thread=False, timeout=10, isolation_level=None)
TABLE.execute("create table if not exists notes (id integer primary key, text text, by text)")
TABLE.execute("create table if not exists cells (name text primary key, value text)")
if WRONG == "touches":
    TABLE.execute("insert into notes (text, by) values ('hello', 'desk')")
    TABLE.commit()
    sys.exit("desk: this store belongs to another version")


def asked(sql: str, *values: Any) -> list[Any]:
    """One statement, in turn with all others."""
    with LOCK:
        return TABLE.execute(sql, values).fetchall()


def shown(row: Any) -> dict[str, Any]:
    """A note as it is answered."""
    return {"id": row[0], "text": row[1].removeprefix(FORM), "by": row[2]}


def copy(key: int, body: Any) -> None:
    """Bring a note into the other store, a moment later."""
    time.sleep(0.3)
    other = sqlite3.connect(sys.argv[4], timeout=10, isolation_level=None)
    text = "" if WRONG == "copies-empty" else body["text"]
    if WRONG != "copies-nothing":
        other.execute("insert into notes (id, text, by) values (?, ?, ?)", (key, text, body["by"]))
    other.close()


def write_note(body: Any) -> dict[str, Any]:
    """Keep a note; here some are lost, kept twice or put into another place."""
    COUNTS["written"] += 1
    key = random.randrange(2**40) if WRONG == "shuffles" else None
    if WRONG == "loses" and COUNTS["written"] % 3 == 0:
        return {"id": 0, **body}
    sql = "insert into notes (id, text, by) values (?, ?, ?) returning id"
    [(made,)] = asked(sql, key, FORM + body["text"], body["by"])
    if WRONG == "doubles" and COUNTS["written"] % 3 == 0:
        asked(sql, None, FORM + body["text"], body["by"])
    if len(sys.argv) > 4:
        threading.Thread(target=copy, args=(made, body), daemon=True).start()
    return {"id": made, **body}


def read(path: str) -> tuple[int, Any]:
    """What is asked for; a stale reader remembers it for a moment."""
    if WRONG == "stale" and path in SEEN and time.monotonic() - SEEN[path][0] < 0.3:
        return 200, SEEN[path][1]
    parts = urlsplit(path)
    _, kind, name = (*parts.path.split("/"), "")[:3]
    if kind == "health":
        return 200, {"status": "ok", "version": {"baseline": "1", "candidate": "2"}[ROLE]}
    if kind == "cells":
        rows = asked("select value from cells where name = ?", name)
        answer: Any = {"value": rows[0][0]} if rows else None
    elif name:
        rows = asked("select id, text, by from notes where id = ?", name)
        answer = shown(rows[0]) if rows else None
    else:
        rows = asked("select id, text, by from notes where by = ? order by id", *parse_qs(parts.query)["by"])
        answer = {"notes": [shown(row) for row in rows], "next": None}
    SEEN[path] = time.monotonic(), answer
    return (200, answer) if answer is not None else (404, {})


class Desk(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """A note, the notes of somebody, a cell."""
        self.answer(*read(self.path))

    def do_POST(self) -> None:
        """A new note."""
        self.answer(201, write_note(self.body()))

    def do_PUT(self) -> None:
        """Another value of a cell."""
        name, value = self.path.rpartition("/")[2], self.body()["value"]
        COUNTS["written"] += 1
        if WRONG != "forgets" or COUNTS["written"] % 3:
            asked("insert or replace into cells values (?, ?)", name, value)
        self.answer(200, {"value": value})

    def body(self) -> Any:
        """What was sent."""
        return json.loads(self.rfile.read(int(self.headers["content-length"])))

    def answer(self, status: int, body: Any) -> None:
        """Send JSON."""
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Many connections at once."""

    daemon_threads = True
    request_queue_size = 128


Server(("127.0.0.1", PORT), Desk).serve_forever(0.05)
