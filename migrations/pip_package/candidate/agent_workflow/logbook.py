"""The log of one migration: a line for everything that was done; never a secret."""

from pathlib import Path

from . import clock, durable
from .places import Home


class Logbook:
    """Lines are added at the end; the folder is made with the first."""

    def __init__(self, home: Home, name: str) -> None:
        self._folder = home.logs
        self._name = name

    @property
    def path(self) -> Path:
        """The file."""
        return self._folder / self._name

    def note(self, what: str, said: str) -> None:
        """One line with the time, once there is a home to keep it in."""
        if not self._folder.parent.is_dir():
            return
        durable.make_folder(self._folder)
        with self.path.open("a", encoding="utf-8") as file:
            self.path.chmod(0o600)
            file.write(f"{clock.now().isoformat()} {what}: {said}\n")
