"""Makes one script of each group, batch by batch, each tried against the old ones first; refuses without a whole backup."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from plumbing.journal import Journal
from v3_roadmap.scripts.backup import back_up, check_backup
from v3_roadmap.scripts.grouping import Group, grouped
from v3_roadmap.scripts.parity import Cases, compared, relocated
from v3_roadmap.scripts.rewriting import LIBRARY, LIBRARY_TEXT, rewritten
from v3_roadmap.tools.refusals import RefusedError

BATCH = 15


@dataclass(frozen=True, slots=True)
class Consolidated:
    """What came of it: scripts before and after, batches, runs compared, lines before and after."""

    before: int
    after: int
    batches: int
    runs: int
    lines_before: int
    lines_after: int


def consolidate(tree: Path, backup: Path, cases: Cases, batch: int = BATCH) -> Consolidated:
    """Backs the scripts of `tree` up, then puts one script in the place of each group; old places become links to it.

    Each batch is tried in a copy first; one difference ends it with a RefusedError, and the tree has all batches before.
    """
    groups = grouped(tree, tree)
    untried = sorted(place for group in groups for place in group.places if not cases.get(place))
    if untried:
        raise RefusedError(*(f"{place}: there is no case to try it with; nothing was changed" for place in untried))
    manifest = back_up(tree, backup)
    journal = Journal(backup / "journal.jsonl")
    journal.append({"event": "backup", "scripts": manifest["scripts"], "digest": manifest["digest"]})
    lines_before = _lines(tree, [place for group in groups for place in group.places])
    runs, batches = 0, [groups[start : start + batch] for start in range(0, len(groups), batch)]
    with tempfile.TemporaryDirectory(prefix="v3-twins-") as folder:
        old, new = Path(folder).resolve() / "old", Path(folder).resolve() / "new twin"
        relocated(tree, old)
        shutil.copytree(tree, new, symlinks=True)
        for number, some in enumerate(batches, 1):
            runs += _tried(number, some, tree, (old, new), (cases, backup, journal))
            replace(tree, tree, some)
            journal.append({"event": "replaced", "batch": number, "scripts": [group.name for group in some]})
    made = [f"scripts/{group.name}.sh" for group in groups]
    return Consolidated(
        sum(len(group.places) for group in groups), len(groups), len(batches), runs, lines_before, _lines(tree, made)
    )


def _tried(
    number: int, some: list[Group], tree: Path, twins: tuple[Path, Path], rest: tuple[Cases, Path, Journal]
) -> int:
    """Puts a batch into the new twin only and compares; how many runs. Raises RefusedError for a difference."""
    cases, backup, journal = rest
    check_backup(backup)
    replace(twins[1], tree, some)
    parity = compared(*twins, [place for group in some for place in group.places], cases)
    journal.append({"event": "validated", "batch": number, "runs": parity.runs, "differences": len(parity.differences)})
    if parity.differences:
        raise RefusedError(f"batch {number} is not put in place:", *parity.differences[:10])
    return parity.runs


def replace(tree: Path, baked: Path, groups: list[Group]) -> None:
    """Writes the script of each group, and links where the old ones lay; `baked` is the path inside the old ones."""
    library = tree / LIBRARY
    library.parent.mkdir(exist_ok=True)
    library.write_text(LIBRARY_TEXT, encoding="utf-8")
    (tree / "scripts").mkdir(exist_ok=True)
    for group in groups:
        made = tree / "scripts" / f"{group.name}.sh"
        made.write_text(rewritten((tree / group.places[0]).read_text(encoding="utf-8"), baked), encoding="utf-8")
        made.chmod(0o755)
        for place in group.places:
            link = tree / place
            link.unlink()
            link.symlink_to(os.path.relpath(made, link.parent))


def _lines(tree: Path, places: list[str]) -> int:
    return sum(len((tree / place).read_text(encoding="utf-8").splitlines()) for place in places)
