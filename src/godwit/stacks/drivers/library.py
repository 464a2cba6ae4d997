"""A Python distribution in a virtual environment of its own; it runs nothing, and is healthy when its Python knows it."""

import json
import re
import subprocess

from godwit.plan import Interpreter, LibraryDriver
from godwit.stacks.interpreters import inherited, python_for, requirement
from godwit.stacks.owners import ownership
from godwit.stacks.places import Placement, Places
from godwit.stacks.stack import Request, Runtime, Stack
from godwit.stacks.still import StillStack
from godwit.verdict import Health

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


class LibraryStack(StillStack):
    """A version that is imported."""

    kind = "library"

    def __init__(self, request: Request, places: Places) -> None:
        section: LibraryDriver = request.section
        own = places.of(request.role)
        super().__init__(request, own["url"])
        self._python = own["python"]
        self._first = requirement(section.requirements[0], request.site.plan_dir)

    def ask(self) -> Health:
        """Whether its Python starts and the first requirement is there in the plan's version."""
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
        return self._told(self._installed(body), body)

    def runtime(self) -> Runtime:
        """Its Python, in a scratch folder of its own."""
        env = {**inherited(), **self._request.added_env()}
        return Runtime(self._python, self._request.work / f"{self.role}-python", env)

    def _installed(self, body: dict[str, dict[str, str]]) -> str | None:
        """The version of the first requirement; a folder that is put on the path as it is has none but the plan's."""
        if self._first.folder is not None:
            return next(iter(body["local"]), None) if self._first.is_project else self.version
        match = _NAME.match(self._first.text)
        name = re.sub("[-_.]+", "-", match[0]).lower() if match else ""
        return body["versions"].get(name)
