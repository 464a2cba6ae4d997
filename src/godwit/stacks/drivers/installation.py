"""A file tree with a command line: every run works on a copy of its own, and the tree of the plan is never touched."""

import re
import shutil
import subprocess

from godwit.plan import InstallationDriver
from godwit.stacks.interpreters import inherited
from godwit.stacks.owners import ownership
from godwit.stacks.places import Placement, Places, fill, fill_text
from godwit.stacks.stack import Request, Stack
from godwit.stacks.still import StillStack
from godwit.verdict import Health, StackError

_ASK_TIMEOUT_S = 60.0


class Installations:
    """The `installation` driver."""

    def place(self, request: Request) -> Placement:
        """Copy the tree into the run's work folder; StackError when the plan names none."""
        section: InstallationDriver = request.section
        tree = request.site.plan_dir / section.tree
        if not tree.is_dir():
            raise StackError(f"stacks.{request.role}.drivers.installation.tree: there is no folder {tree}")
        copy = request.work / f"{request.role}-installation"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(tree, copy, symlinks=True)
        own = {"python": request.site.python, "work": str(request.work), "tree": str(copy), "url": copy.as_uri()}
        return Placement(own, own, None)

    def open(self, request: Request, places: Places) -> Stack:
        """The stack, not started; its places are filled now, so that a wrong one is told before anything runs."""
        return InstallationStack(request, places)


class InstallationStack(StillStack):
    """A version that is called by its command."""

    kind = "installation"

    def __init__(self, request: Request, places: Places) -> None:
        section: InstallationDriver = request.section
        own = places.of(request.role)
        super().__init__(request, own["url"])
        self._tree = own["tree"]
        self._words = fill(section.command, own)
        self._env = {name: fill_text(text, own) for name, text in section.env.items()}

    def ask(self) -> Health:
        """What its command says with `--version`: the plan's version has to be a word of the first line."""
        words = [*self._words, "--version"]
        try:
            done = subprocess.run(
                words,
                cwd=self._tree,
                env={**inherited(), **self._env, **self._request.added_env(), **ownership()},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_ASK_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as error:
            return Health(False, 0, None, detail=f"{' '.join(words)}: {error}")
        said = (done.stdout + done.stderr).strip()
        if done.returncode != 0:
            return Health(
                False, 0, None, said, f"{' '.join(words)} ended with exit code {done.returncode}: {said[-300:]}"
            )
        first = said.partition("\n")[0]
        found = re.findall(r"[^\s,;:()]+", first)
        return self._told(self.version if self.version in found else first, said)

    def runtime(self) -> None:
        """Nothing: it is called by its command."""
