"""Asks a worker process for Python calls under one side's own interpreter; refuses to wait for ever, and to compare."""

import json
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from godwit.plan import CallStep
from godwit.verdict import CallReply, Described, GodwitError, HarnessError

_PROGRAM = Path(__file__).with_name("python_worker.py")
_RECORDER = Path(__file__).with_name("python_recorder.py")
# Not run as a file: the folder of this module would come first on its path, and has modules named as those of Python.
_START = """
import sys
sys.argv[:] = sys.argv[1:]
__file__ = sys.argv[0]
exec(compile(open(__file__, encoding="utf-8").read(), __file__, "exec"))
"""
_REPLY_LIMIT = 32 * 1024 * 1024
_NAMED = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
START_TIMEOUT_S = 60.0
_EXIT_TIMEOUT_S = 5.0


class LostError(GodwitError):
    """No reply came: the call hung and was ended, or the process ended by itself."""


class Worker:
    """One process that calls what it is told, with one interpreter, folder and environment; close it in any case.

    `own` is a command that answers the same kind of lines in its own words (see `ask`). `hash_seed` is Python's.
    """

    def __init__(
        self,
        python: str,
        cwd: Path,
        env: Mapping[str, str],
        log: Path,
        *,
        own: Sequence[str] = (),
        hash_seed: str = "0",
    ) -> None:
        self._log = log
        self._buffer = b""
        cwd.mkdir(parents=True, exist_ok=True)
        log.parent.mkdir(parents=True, exist_ok=True)
        settled = {**env, "PYTHONHASHSEED": hash_seed, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
        with log.open("ab") as stream:
            try:
                self._process = subprocess.Popen(
                    list(own) or [python, "-c", _START, str(_PROGRAM)],
                    cwd=cwd,
                    env=settled,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stream,
                    start_new_session=True,
                )
            except OSError as error:
                what = own[0] if own else f"the Python {python}"
                raise HarnessError(f"{what} cannot be started: {error.strerror}") from None

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def hello(self, distributions: tuple[str, ...] = ()) -> dict[str, Any]:
        """Its Python, where it imports from, and the versions of these distributions; HarnessError if it has no words."""
        try:
            return self.ask({"do": "hello", "distributions": list(distributions)}, START_TIMEOUT_S)
        except LostError as error:
            raise HarnessError(f"the Python worker did not start: {error}; its output is in {self._log}") from None

    def call(self, title: str, question: Mapping[str, Any], timeout_s: float) -> CallReply:
        """What a call gave, whatever it was; after one without a reply the worker is gone."""
        try:
            reply = self.ask({"do": "call", **question}, timeout_s)
        except LostError as error:
            return CallReply(title, error=str(error))
        return CallReply(
            title,
            value=reply.get("value"),
            raised=tuple(reply.get("raised", ())),
            message=reply.get("message", ""),
            found=reply.get("found", True),
            unkept=reply.get("unkept", False),
            awaited=reply.get("awaited", False),
            kept=bool(question.get("keep")),
            arguments=reply.get("arguments"),
            warnings=tuple((kind, text) for kind, text in reply["warnings"]),
        )

    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return not self._has_exited()

    def forget(self) -> None:
        """Drop everything that it keeps."""
        self.ask({"do": "forget"}, START_TIMEOUT_S)

    def describe(self, name: str) -> Described:
        """What a name stands for, imported anew; HarnessError when importing it ends the worker or hangs."""
        try:
            reply = self.ask({"do": "import", "name": name}, START_TIMEOUT_S)
        except LostError as error:
            raise HarnessError(f"importing {name} failed: {error}; its output is in {self._log}") from None
        warned = tuple((kind, text) for kind, text in reply["warnings"])
        if "raised" in reply:
            return Described("absent", f"{reply['raised'][0]}: {reply['message']}", warnings=warned)
        found = reply["found"]
        known = found["parameters"]
        parameters = None if known is None else tuple((each[0], each[1], each[2]) for each in known)
        bases = tuple(found.get("bases", ()))
        value, own = found.get("value"), found["method"]
        return Described(found["kind"], "", parameters, bases, found["async"], own, value, warned)

    def ask(self, question: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
        """The reply to a question of the worker's own; LostError when none comes in time, HarnessError for a misunderstood one."""
        if self._process.stdin is None or self._process.stdin.closed:
            raise LostError("the worker was ended before")
        try:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise LostError(self._ended()) from None
        reply: dict[str, Any] = self._read(self._line(timeout_s))
        if "trouble" in reply:
            raise HarnessError(f"the Python worker cannot answer {json.dumps(question)[:200]}: {reply['trouble']}")
        return reply

    def close(self) -> None:
        """End it and everything in its process group; may be called twice.

        Only this waits for the process: until then its id, which is that of its group, cannot become another's.
        """
        if self._process.returncode is not None:
            return
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self._process.wait()

    def _read(self, line: bytes) -> dict[str, Any]:
        try:
            reply = json.loads(line)
        except ValueError:
            reply = None
        if not isinstance(reply, dict):
            raise HarnessError(
                f"a worker answers with one JSON object a line, not with {line[:200]!r}; see {self._log}"
            )
        return reply

    def _line(self, timeout_s: float) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        end = time.monotonic() + timeout_s
        with selectors.DefaultSelector() as ready:
            ready.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if not ready.select(max(0.0, end - time.monotonic())):
                    self.close()
                    raise LostError(f"no answer within {timeout_s:g} s; it was ended")
                more = os.read(self._process.stdout.fileno(), 1 << 20)
                self._buffer += more
                if not more:
                    raise LostError(self._ended())
                if len(self._buffer) > _REPLY_LIMIT:
                    self.close()
                    raise LostError(f"a reply of more than {_REPLY_LIMIT >> 20} MiB; it was ended")
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _has_exited(self) -> bool:
        """Whether the process has ended; it stays for `close` to be waited for."""
        if self._process.returncode is not None:
            return True
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _ended(self) -> str:
        """How the process ended by itself; what else is in its group goes with it."""
        end = time.monotonic() + _EXIT_TIMEOUT_S
        while not (by_itself := self._has_exited()) and time.monotonic() < end:
            time.sleep(0.01)
        self.close()
        code = self._process.returncode
        if not by_itself:
            return "the process closed its output; it was ended"
        return f"the process ended with exit code {code}" if code >= 0 else f"ended by {signal.Signals(-code).name}"


def read_calls(path: Path) -> list[CallStep]:
    """The recorded calls of a JSON Lines file; HarnessError names the line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise HarnessError(f"{path}: cannot be read as recorded calls: {error}") from None
    return [_step(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _step(path: Path, number: int, line: str) -> CallStep:
    try:
        return CallStep.model_validate_json(line, strict=False)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        said = f"{place}: {first['msg']}" if place else first["msg"]
        raise HarnessError(
            f'{path}:{number}: not a recorded call: {said}; a line is {{"call": "module:name", "args": [...]}}'
        ) from None


def record_calls(python: str, names: Sequence[str], program: Sequence[str], out: Path) -> int:
    """Run a program under its own Python and write the calls that it makes of these names; gives its exit code.

    HarnessError when nothing was recorded, so that nobody takes an empty recording for a proof.
    """
    wrong = next((name for name in names if not _NAMED.fullmatch(name)), None)
    if wrong is not None:
        raise HarnessError(f"{wrong!r} names no function or class; write module:name, such as shop.cart:Basket")
    if not Path(program[0]).is_file():
        raise HarnessError(f"there is no program {program[0]}; name a Python file")
    out.unlink(missing_ok=True)
    words = [python, "-c", _START, str(_RECORDER), str(out), *names, "--", *program]
    try:
        code = subprocess.run(words, check=False).returncode
    except OSError as error:
        raise HarnessError(f"the Python {python} cannot be started: {error.strerror}") from None
    if not out.is_file() or not out.stat().st_size:
        raise HarnessError(f"{' '.join(program)} ended with exit code {code} and made no call of {', '.join(names)}")
    return code
