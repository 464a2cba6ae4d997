"""Records what clients see of a few registers or counters while they write and read them; judges nothing."""

import itertools
import json
import math
import random
import threading
import time
from pathlib import Path
from typing import Any, Literal, NamedTuple

import httpx

from godwit.plan import History
from godwit.state.asking import ask, connections, pointed
from godwit.verdict import HarnessError

_ABSENT = 404


class Act(NamedTuple):
    """One thing that a client did to one object, and what came of it.

    `value` is what was written as a read would show it, or what was read. `ended_s` is infinity where nobody knows
    whether the write happened; acts that certainly did nothing (refused writes, reads without an answer) have `ok` false.
    """

    key: str
    client: str
    does: Literal["write", "read"]
    value: Any
    began_s: float
    ended_s: float
    ok: bool
    status: int


class Recorder:
    """Clients that write and read, from `start` to `stop`; every act also goes into a file as JSON Lines."""

    def __init__(self, history: History, url: str, path: Path, names: str, seed: int) -> None:
        self._history = history
        self._url = url.rstrip("/")
        self._path = path
        self._names = names
        self._seed = seed
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._acts: list[Act] = []
        self._keys: list[str] = []
        clients = range(history.clients)
        self._threads = [threading.Thread(target=self._run, args=(client,), daemon=True) for client in clients]
        path.parent.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        """Make the objects, then begin in the background; HarnessError when one cannot be made."""
        with connections(self._url, 1) as http:
            self._keys = [self._made(http, f"{self._names}-{number}") for number in range(self._history.keys)]
        for thread in self._threads:
            thread.start()

    def answered(self, since_s: float) -> int:
        """How many writes, or reads if these are fewer, began since a moment (monotonic seconds) and were answered well."""
        with self._lock:
            seen = [act.does for act in self._acts if act.ok and act.began_s > since_s]
        return min(seen.count("write"), seen.count("read"))

    def stop(self) -> tuple[Act, ...]:
        """Stop, wait for what is under way, and give every act in the order in which they began."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return tuple(sorted(self._acts, key=lambda act: act.began_s))

    def _made(self, http: httpx.Client, name: str) -> str:
        make = self._history.make
        if make is None:
            return name
        try:
            answer = ask(http, self._url, make, {"key": name})
            if not 200 <= answer.status_code < 300:
                raise ValueError(f"it was answered {answer.status_code}: {answer.text[:200]}")
            return str(pointed(answer.json(), make.capture["key"]))
        except (httpx.HTTPError, LookupError, TypeError, ValueError) as error:
            raise HarnessError(
                f"history {self._history.id}: {make.method} {make.path} made no object: {error}"
            ) from error

    def _run(self, client: int) -> None:
        chance = random.Random(f"{self._seed}/{self._history.id}/{client}")
        every_s = self._history.clients / self._history.rate_per_s
        with connections(self._url, 1) as http:
            for number in itertools.count():
                if self._stop.wait(chance.uniform(0.5, 1.5) * every_s):
                    return
                index = chance.randrange(len(self._keys))
                mine = self._history.writers == "all" or index % self._history.clients == client
                writes = mine and chance.random() * 100 < self._history.share
                act = self._act(
                    http, str(client), self._keys[index], self._word(client, number, chance) if writes else None
                )
                self._keep(act)

    def _word(self, client: int, number: int, chance: random.Random) -> str:
        """What to write: a word of the plan, or one that was never written before."""
        values = sorted(self._history.values)
        return chance.choice(values) if values else f"c{client}-{number}"

    def _act(self, http: httpx.Client, client: str, key: str, word: str | None) -> Act:
        """Write the word, or read where there is none."""
        began = time.monotonic()
        status, value, known = 0, None, False
        try:
            if word is None:
                status, value, known = self._read(http, key)
            else:
                value = self._shown(word)
                status = ask(http, self._url, self._history.write, {"key": key, "value": word}).status_code
                known = 200 <= status < 300 or 400 <= status < 500
        except (httpx.HTTPError, LookupError, TypeError, ValueError):
            known = False
        ended = time.monotonic() if known or word is None else math.inf
        did = known if word is None else not 400 <= status < 500
        return Act(key, client, "read" if word is None else "write", value, began, ended, did, status)

    def _read(self, http: httpx.Client, key: str) -> tuple[int, Any, bool]:
        read = self._history.read
        answer = ask(http, self._url, read, {"key": key})
        if answer.status_code == _ABSENT:
            return _ABSENT, 0 if self._history.kind == "counter" else None, True
        if answer.status_code != 200:
            return answer.status_code, None, False
        value = pointed(answer.json(), read.capture["value"])
        if self._history.kind == "counter":
            value = len(value) if isinstance(value, list) else int(value)
        return 200, value, True

    def _shown(self, word: str) -> Any:
        if self._history.kind == "counter":
            return None
        return self._history.values.get(word, word)

    def _keep(self, act: Act) -> None:
        told = {**act._asdict(), "ended_s": None if math.isinf(act.ended_s) else act.ended_s}
        line = json.dumps(told, ensure_ascii=False, default=str) + "\n"
        with self._lock:
            self._acts.append(act)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line)
