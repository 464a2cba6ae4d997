"""`python -m pip_package.proofs NAME`: runs one proof on samples in a fresh folder; exit 0 when all holds, else 1."""

import importlib
import sys
import tempfile
import traceback
from pathlib import Path

from pip_package.tools.cli import TABLES
from plumbing.defects import apply_from_environment
from plumbing.proof import Proof

NAMES = (
    "assessing", "automated", "backing_up", "converting", "guided", "integrating", "legacy", "manual", "metrics",
    "packaged", "recovering", "rolling_back", "validating",
)  # fmt: skip


def main(words: list[str]) -> int:
    """One name; 2 when it is none."""
    if len(words) != 1 or words[0] not in NAMES:
        print(f"name one of {', '.join(NAMES)}", file=sys.stderr)
        return 2
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "candidate"))
    apply_from_environment("candidate", TABLES)
    with tempfile.TemporaryDirectory() as folder:
        proof = Proof()
        try:
            importlib.import_module(f"pip_package.proofs.{words[0]}").prove(proof, Path(folder).resolve())
        except Exception as error:  # noqa: BLE001  # what was promised is not even there
            where = traceback.extract_tb(error.__traceback__)[-1]
            proof.that(
                f"the proof goes on: {type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})",
                False,
            )
        return proof.ended()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
