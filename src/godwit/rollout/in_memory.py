"""Sets flags in OpenFeature's in-memory provider, in a process of the stack's own Python, and asks there what they are worth."""

import json
import select
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from godwit.verdict import StackError

_PROGRAM = Path(__file__).with_name("openfeature_worker.py")
# Not run as a file: the folder of this module would come first on its path, and has a module named as OpenFeature's package.
_START = "import sys; exec(compile(open(sys.argv[1], encoding='utf-8').read(), sys.argv[1], 'exec'))"
_PATIENCE_S = 60.0


class InMemoryControl:
    """Flags in the provider of one process, which is started when it is first needed; close it in any case.

    Its code runs in `folder`, as the stack's own does. Raises StackError when the process ends or does not answer.
    """

    def __init__(self, python: str, folder: Path, env: Mapping[str, str], log: Path) -> None:
        self._words = [python, "-c", _START, str(_PROGRAM)]
        self._folder, self._env, self._log = folder, dict(env), log
        self._process: subprocess.Popen[str] | None = None

    def put(self, values: Mapping[str, Any]) -> None:
        """Have exactly these flags in the provider."""
        self._ask({"put": {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}})

    def trouble(self, kind: str) -> Any:
        """None: what is in memory is there."""
        raise StackError(f"flags in memory cannot be {kind}")

    def told(self, calls: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        """What the callables return, by flag, and why one did not."""
        answers = self._ask({"calls": dict(calls)})
        trouble = next((found for found in answers.values() if isinstance(found, str)), "")
        return {name: found[0] for name, found in answers.items() if isinstance(found, list)}, trouble

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        process = self._process or self._start()
        line = ""
        try:
            if process.stdin and process.stdout:
                process.stdin.write(json.dumps(asked) + "\n")
                process.stdin.flush()
                line = process.stdout.readline() if select.select([process.stdout], [], [], _PATIENCE_S)[0] else ""
        except OSError:
            pass
        if not line:
            self.close()
            raise StackError(f"the process that holds the flags ended, or did not answer; see {self._log}")
        found: dict[str, Any] = json.loads(line)
        return found

    def _start(self) -> subprocess.Popen[str]:
        try:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._words,
                    cwd=self._folder,
                    env=self._env,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    start_new_session=True,
                )
        except OSError as error:
            raise StackError(f"{' '.join(self._words)} cannot be run: {error}") from None
        return self._process
