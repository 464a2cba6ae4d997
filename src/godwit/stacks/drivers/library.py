"""A Python distribution in a virtual environment of its own; it runs nothing, and is healthy when its Python knows it."""

import json
import re
import subprocess

from godwit.plan import Interpreter, LibraryDriver
from godwit.stacks.health import failure, tail
from godwit.stacks.interpreters import inherited, python_for, requirement
from godwit.stacks.owners import ownership
from godwit.stacks.places import Placement, Places
from godwit.stacks.stack import Request, Runtime, Stack
from godwit.verdict import Health, Sample, StackError

_ASK_TIMEOUT_S = 60.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Of a project that is installed from a folder only its folder's name is known here; what came from a file says its own.
_PROGRAM = """
import importlib.metadata, json, re, sys
def plain(name): return re.sub("[-_.]+", "-", name or "").lower()
found = {plain(each.metadata["Name"]): each.version for each in importlib.metadata.distributions()}
local = [each.version for each in importlib.metadata.distributions() if each.read_text("direct_url.json")]
print(json.dumps({"python": sys.version.split()[0], "versions": found, "local": local}))
"""


class Libraries:
    """The `library` driver."""

    def place(self, request: Request) -> Placement:
        """The environment is made here, if it is not there yet: everything that is known of the stack is its Python."""
        section: LibraryDriver = request.section
        wanted = Interpreter(path=section.python, requirements=section.requirements)
        python = python_for(wanted, request.site.plan_dir, request.site.python, "library.python")
        own = {"python": python, "work": str(request.work), "url": f"python:{python}"}
        return Placement(own, own, None)

    def open(self, request: Request, places: Places) -> Stack:
        """The stack, not started."""
        return LibraryStack(request, places)


class LibraryStack:
    """A version that is imported. It has no process of its own: started means that its users may begin."""

    writable = True
    store: str | None = None

    def __init__(self, request: Request, places: Places) -> None:
        section: LibraryDriver = request.section
        own = places.of(request.role)
        self.role, self.version, self.log_path = request.role, request.spec.version, request.log_path
        self.url, self._python = own["url"], own["python"]
        self._request, self._first = request, requirement(section.requirements[0], request.site.plan_dir)
        self._started = False

    def start(self) -> None:
        """Ask its Python what it has; StackError when that fails or is not the plan's version."""
        if self._started:
            raise StackError(f"{self.role} (library) runs already; stop it first")
        self._started = True
        health = self.health()
        if not health.healthy:
            self._started = False
            raise failure(self.role, "library", self._python, health.detail, self.logs(20), self.log_path)
        self._note(f"starting {health.version}")

    def stop(self, timeout_s: float = 10.0) -> None:
        """Its users may no longer begin."""
        if self._started:
            self._note("ended gracefully")
        self._started = False

    def kill(self) -> None:
        """The same at once; there is nothing to end."""
        self._started = False

    def is_running(self) -> bool:
        """Whether its users may begin."""
        return self._started

    def health(self) -> Health:
        """Whether its Python starts and the first requirement is there in the plan's version."""
        if not self._started:
            return Health(False, 0, None, detail="not running")
        try:
            done = subprocess.run(
                [self._python, "-I", "-c", _PROGRAM],
                capture_output=True,
                text=True,
                timeout=_ASK_TIMEOUT_S,
                env={**inherited(), **ownership()},
                check=True,
            )
            body = json.loads(done.stdout)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            return Health(False, 0, None, detail=f"its Python cannot say what it has: {error}")
        version = self._installed(body)
        detail = "healthy" if version == self.version else f"it has version {version!r}, the plan says {self.version!r}"
        return Health(version == self.version, 200, version, body, detail)

    def logs(self, last: int = 50) -> list[str]:
        """The last lines that were noted of it, and what called code printed."""
        return tail(self.log_path, last)

    def pids(self) -> tuple[int, ...]:
        """Nothing: it has no process of its own."""
        return ()

    def sample(self) -> Sample:
        """Raise StackError: it has no process of its own."""
        raise StackError(f"{self.role} (library) has no process of its own: nothing to sample")

    def runtime(self) -> Runtime:
        """Its Python, in a scratch folder of its own."""
        return Runtime(self._python, self._request.work / f"{self.role}-python", self._env())

    def close(self) -> None:
        """Stop it; its environment is kept for the next run."""
        self.stop()

    def _env(self) -> dict[str, str]:
        return {**inherited(), **self._request.added_env()}

    def _installed(self, body: dict[str, dict[str, str]]) -> str | None:
        """The version of the first requirement; a folder that is put on the path as it is has none but the plan's."""
        if self._first.folder is not None:
            return next(iter(body["local"]), None) if self._first.is_project else self.version
        match = _NAME.match(self._first.text)
        name = re.sub("[-_.]+", "-", match[0]).lower() if match else ""
        return body["versions"].get(name)

    def _note(self, text: str) -> None:
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("a", encoding="utf-8") as log:
            log.write(f"{text}\n")
