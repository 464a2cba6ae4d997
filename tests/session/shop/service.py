"""A shop of which each flag comes from several sources, watched while it runs; SHOP_WRONG names what it does wrong."""

import json
import os
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROLE, PORT = sys.argv[1], int(sys.argv[2])
OPTIONS = dict(word.split("=", 1) for word in sys.argv[3:])
WRONG = os.environ.get("SHOP_WRONG", "") if ROLE == "candidate" else ""
NOTES: dict[str, Any] = {}
FILE: dict[str, Any] = {}
FETCHED: dict[str, Any] = {}
ADMIN: dict[str, Any] = {}
VERSION = "1" if ROLE == "baseline" else "2"
LOCK = threading.Lock()


def provided() -> Any:
    """A client of OpenFeature whose provider watches a file, if there is one."""
    if "flagd" not in OPTIONS:
        return None
    from openfeature import api
    from openfeature.contrib.provider.flagd import FlagdProvider
    from openfeature.contrib.provider.flagd.config import ResolverType

    Path(OPTIONS["flagd"]).write_text('{"flags": {}}', encoding="utf-8")
    api.set_provider(FlagdProvider(resolver_type=ResolverType.FILE, offline_flag_source_path=OPTIONS["flagd"]))
    return api.get_client()


CLIENT = provided()


def switch(value: Any) -> bool | None:
    """A boolean, or None where there is none that can be understood."""
    if WRONG == "crashes" and value not in (None, True, False, "true", "false"):
        os._exit(3)
    if WRONG == "truthy" and value is not None:
        return bool(value)
    words = {"true": True, "false": False}
    return value if isinstance(value, bool) else words.get(value) if isinstance(value, str) else None


def share(value: Any) -> int | None:
    """A percentage, or None."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= 100 else None


def inner(document: Any, *steps: str) -> Any:
    """What stands in a document, or None."""
    for step in steps:
        document = document.get(step) if isinstance(document, dict) else None
    return document


def features(agent: str | None) -> dict[str, Any]:
    """The effective values, for one kind of agent."""
    env, file = switch(os.environ.get("SHOP_FAST")), switch(inner(FILE, "features", "fast"))
    order = (file, env) if WRONG == "env-loses" else (env, file)
    over = switch(inner(FILE, "overrides", agent, "fast")) if agent else None
    fast = next((value for value in (over, *order) if value is not None), False)
    limit = share(inner(FILE, "features", "limit"))
    return {
        "fast": fast,
        "limit": 10 if limit is None else limit,
        "deep": bool(fast and switch(inner(FETCHED, "deep"))),
        "quiet": ADMIN.get("quiet", False),
        "rich": CLIENT is not None and CLIENT.get_boolean_value("rich", False),
    }


def watch() -> None:
    """Look at the file and at the URL again and again."""
    while True:
        try:
            found = json.loads(Path(OPTIONS["file"]).read_text(encoding="utf-8"))
        except FileNotFoundError:
            found = {}
        except ValueError:
            found = FILE if WRONG != "garbles" else {"features": {"fast": True, "limit": 1}}
        kept = {name: value for name, value in found.items() if isinstance(value, dict)}
        FILE.clear() if not kept else None
        FILE.update(kept)
        try:
            with urllib.request.urlopen(os.environ["SHOP_FLAGS_URL"], timeout=0.3) as answer:
                fetched = json.loads(answer.read())
                FETCHED.clear()
                FETCHED.update(fetched)
        except (OSError, ValueError, KeyError):
            if WRONG == "forgets":
                FETCHED.clear()
        time.sleep(0.05)


class Shop(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def answer(self, status: int, body: Any) -> None:
        """Send JSON."""
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        """Health, features, notes."""
        path, _, query = self.path.partition("?")
        if path == "/health":
            self.answer(200, {"status": "ok", "version": VERSION, "features": features(None), "process": os.getpid()})
        elif path == "/features":
            self.answer(200, features(query.removeprefix("agent=")))
        elif path == "/admin/flags":
            self.answer(200, {"quiet": ADMIN.get("quiet", False)})
        elif path.startswith("/notes/"):
            note = NOTES.get(path.removeprefix("/notes/"))
            hidden = WRONG == "hides" and note is not None and note["fast"] and not features(None)["fast"]
            self.answer(404 if note is None or hidden else 200, note)
        else:
            slow = WRONG == "stays-slow" and any(note["fast"] for note in NOTES.values())
            self.answer(200, {"prices": "fast" if features(None)["fast"] or slow else "plain"})

    def do_POST(self) -> None:
        """A note."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if WRONG == "drops" and ADMIN.get("changing", 0) > time.monotonic():
            self.answer(503, {})
            return
        key = str(len(NOTES) + 1)
        with LOCK:
            key = str(len(NOTES) + 1)
            NOTES[key] = {"id": key, "text": body["text"], "fast": features(None)["fast"]}
        self.answer(201, NOTES[key])
        if WRONG == "loses" and len(NOTES) % 20 == 0:
            NOTES[key] = None

    def do_PUT(self) -> None:
        """Flags of the admin path: all of them, or none if one is wrong."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        wrong = [name for name, value in body.items() if name != "quiet" or not isinstance(value, bool)]
        if wrong and WRONG != "admin-breaks":
            self.answer(422, {"error": wrong})
            return
        if WRONG == "hangs-up":
            threading.Timer(0.05, lambda: os.execv(sys.executable, [sys.executable, "-S", *sys.argv])).start()
        if WRONG == "runs-out" and ADMIN.setdefault("changes", 0) > 10:
            self.answer(500, {})
            return
        ADMIN["changes"] = ADMIN.get("changes", 0) + 1
        if WRONG == "late":
            threading.Timer(60.0, ADMIN.update, [body]).start()
            body = {}
        ADMIN.update(body, changing=time.monotonic() + 0.2)
        self.answer(200, {name: ADMIN.get(name, False) for name in ("quiet",)})

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Many connections at once."""

    daemon_threads = True
    request_queue_size = 128


if ROLE == "candidate":
    threading.Thread(target=watch, daemon=True).start()
Server(("127.0.0.1", PORT), Shop).serve_forever()
