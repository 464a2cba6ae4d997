"""A service that takes its time to start, and more of it after a crash: STORE.lock tells that it was not stopped in order."""

import os
import signal
import sys
import time
from pathlib import Path
from socket import create_server

PORT, STORE = int(sys.argv[1]), sys.argv[2].removeprefix("sqlite:///")
LOCK = Path(f"{STORE}.lock")
BODY = b'{"status": "ok", "version": "1"}'


def end(*_: object) -> None:
    LOCK.unlink()
    sys.exit(0)


assert Path(STORE).stat().st_size, "the store was not copied"
time.sleep(float(os.environ["MENDS_S"]) if LOCK.exists() else float(os.environ["RISES_S"]))
LOCK.touch()
signal.signal(signal.SIGTERM, end)
with create_server(("127.0.0.1", PORT)) as server:
    while True:
        with server.accept()[0] as client:
            client.recv(65536)
            client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY))
