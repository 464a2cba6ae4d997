"""A tiny HTTP service for the tests of stacks: stdlib only, told by its environment how to behave."""

import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODE = os.environ.get("MODE", "")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = {"status": "sick" if MODE == "sick" else "ok", "version": os.environ.get("VERSION", "1")}
        if self.path == "/env":
            body = dict(os.environ)
        elif self.path == "/burn":
            end = time.process_time() + 0.3
            while time.process_time() < end:
                pass
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        print("asked", self.path)


def main() -> None:
    host, port = sys.argv[1], int(sys.argv[2])
    print("starting", os.environ.get("VERSION", "1"))
    if MODE == "exit":
        print("cannot go on: the store is locked")
        raise SystemExit(3)
    if MODE == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: (print("ended gracefully"), os._exit(0)))
    if MODE == "children":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    ThreadingHTTPServer.allow_reuse_address = True
    ThreadingHTTPServer((host, port), Handler).serve_forever()


if __name__ == "__main__":
    main()
