"""A migration's three services in one file of the standard library; TINY_WRONG names what one of them does wrong."""

import http.client
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

ROLE, PORT, URLS = sys.argv[1], int(sys.argv[2]), dict(word.split("=", 1) for word in sys.argv[3:])
WRONG = os.environ.get("TINY_WRONG", "")
NOTES = {"1": "first", "2": "second", "3": "third"}
FLAGS = {"use_next": False, "fall_back": True}
VERSION = {"candidate": "2.0.0"}.get(ROLE, "1.0.0")
FAULTS: dict[str, Any] = {}
Reply = tuple[int, Any]


def note(name: str) -> Reply:
    """One note; here the candidate may answer wrongly, fail, or die."""
    if name == "2" and f"{ROLE}-dies" == WRONG:
        os.kill(os.getpid(), signal.SIGKILL)
    if ROLE == "candidate" and WRONG == "fails":
        return 500, {"error": "out of notes"}
    if name not in NOTES:
        return 404, {"error": "no such note"}
    wrong = ROLE == "candidate" and WRONG == "answer" and name == "3"
    return 200, {"id": name, "text": "thirt" if wrong else NOTES[name]}


def served(method: str, path: str, body: Any) -> Reply:
    """What baseline and candidate answer."""
    if path == "/faults":
        FAULTS.update(body or {}) if method == "PUT" else FAULTS.clear() if method == "DELETE" else None
        return 200, FAULTS
    if path == "/health":
        return 200, {"status": "ok", "version": VERSION}
    if FAULTS.get("error_rate"):
        return 500, {"error": "as was asked for"}
    if path == "/notes":
        if method == "POST":
            return (201, body) if isinstance(body, dict) and body.get("text") else (400, {"error": "no text"})
        return 200, {"notes": list(NOTES)}
    return note(path.removeprefix("/notes/"))


def routed(method: str, path: str, body: Any) -> Reply | None:
    """What the router answers itself; None for what it hands on."""
    if path == "/admin/health":
        return 200, {"status": "ok", "version": VERSION}
    if path == "/admin/flags":
        FLAGS.update(body or {})
        return 200, FLAGS
    if path == "/admin/assignments":
        return 200, {"assignments": [chosen()] * len(body["users"])}
    return None


def chosen() -> str:
    """The side that the flags name."""
    return "candidate" if FLAGS["use_next"] else "baseline"


def handed_on(method: str, path: str, body: Any) -> tuple[int, Any, str]:
    """The answer of the chosen side, or of the baseline when the candidate fails and that is asked for."""
    side = chosen()
    status, answer = asked(side, method, path, body)
    if side == "candidate" and status >= 500 and FLAGS["fall_back"] and WRONG != "no-way-back":
        side = "baseline"
        status, answer = asked(side, method, path, body)
    return status, answer, side


def asked(side: str, method: str, path: str, body: Any) -> Reply:
    """What a side answers; 502 when it does not."""
    connection = http.client.HTTPConnection(urlsplit(URLS[side]).netloc, timeout=5)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except OSError as error:
        return 502, {"error": str(error)}
    finally:
        connection.close()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def answer(self) -> None:
        """Any request, by its method and path."""
        sent = self.rfile.read(int(self.headers.get("content-length", 0)))
        request = self.command, self.path, json.loads(sent) if sent else None
        if ROLE != "router":
            self.reply(*served(*request), ROLE)
        elif own := routed(*request):
            self.reply(*own, ROLE)
        else:
            self.reply(*handed_on(*request))

    def reply(self, status: int, answer: Any, served_by: str) -> None:
        """Send an answer and who made it."""
        content = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in ("content-type", "application/json"), ("content-length", str(len(content))):
            self.send_header(name, value)
        self.send_header("x-served-by", served_by)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Connections as they come."""

    daemon_threads = True
    request_queue_size = 256


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    Server(("127.0.0.1", PORT), Handler).serve_forever(0.05)
