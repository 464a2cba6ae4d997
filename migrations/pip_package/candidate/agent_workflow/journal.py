"""How far a migration got, so that it can be resumed: written before each stage and after it; decides nothing."""

import json
import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from . import durable
from .places import Home
from .refusals import RefusedError

STAGES = ("analyze", "backup", "convert", "credentials", "register", "validate", "test")


@dataclass
class Journal:
    """One migration; `stages` says begun, done or why it failed."""

    source: str
    method: str
    created: str
    backup_path: str
    installation_id: str
    stages: dict[str, str] = field(default_factory=dict)
    complete: bool = False
    pending: list[str] = field(default_factory=list)

    @classmethod
    def start(cls, source: Path, method: str, created: datetime, backup_path: Path) -> "Journal":
        """Of a migration that begins."""
        return cls(str(source), method, created.isoformat(), str(backup_path), str(uuid.uuid4()))

    @classmethod
    def read(cls, home: Home) -> "Journal | None":
        """The journal of a home, None without one; RefusedError when it cannot be read."""
        try:
            return cls(**json.loads(home.journal.read_bytes()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise RefusedError(
                "bad-journal", f"{home.journal}: cannot be read ({error}); run agent-orch restore-migration-backup"
            ) from None

    def note(self, home: Home, stage: str, state: str) -> None:
        """Keeps what became of a stage."""
        self.stages[stage] = state
        self.write(home)

    def is_done(self, stage: str) -> bool:
        """Whether a stage need not be made again."""
        return self.stages.get(stage) == "done"

    def write(self, home: Home) -> None:
        """On the disk when it returns."""
        durable.write_json(home.journal, asdict(self))
