"""Trials of the scripts: what V2 has, that one of each does what all did, and the way back."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from plumbing.proof import Proof
from v3_roadmap.scripts import backup, consolidation, tree
from v3_roadmap.scripts.grouping import baked_paths, scripts_of
from v3_roadmap.scripts.parity import compared, left_behind, said
from v3_roadmap.tools.refusals import RefusedError

ALL, UNIQUE = 164, 45


def baseline(proof: Proof, folder: Path) -> None:
    """V2 has 164 scripts of 45 contents, all with baked paths, and 25 of its 40 commands are missing."""
    old = _old(folder)
    places = scripts_of(old)
    copies = Counter(_told_apart(old / place, old) for place in places)
    proof.same("there are 164 scripts", len(places), ALL)
    proof.same("of 45 contents, whatever their paths and white space", len(copies), UNIQUE)
    proof.that("no two files are the same byte for byte", len({(old / place).read_bytes() for place in places}) == ALL)
    proof.same("every script has an absolute path in it", len(baked_paths(old)), ALL)
    documented = (old / "docs/commands.txt").read_text(encoding="utf-8").split()
    present = {Path(place).stem for place in places}
    proof.same("40 commands are documented", len(documented), 40)
    proof.same("25 of them are missing", len([name for name in documented if name not in present]), 25)
    proof.that("there are 40 documents or more", len(list((old / "docs").iterdir())) >= 40)
    deploy = "apps/xavos/scripts/deploy-xavos.sh"
    done = sum(said(old, deploy, (str(attempt),)).code == 0 for attempt in range(1, 11))
    proof.same("two deployments of ten succeed", done, 2)
    proof.figure("scripts", ALL, "scripts")
    proof.figure("unique", len(copies), "scripts")
    proof.figure("duplication", round(100 * (ALL - len(copies)) / len(copies), 1), "%")
    proof.figure("removable", round(100 * (ALL - len(copies)) / ALL, 1), "%")
    proof.figure("deployments", done, "of 10")


def consolidated(proof: Proof, folder: Path) -> None:
    """164 scripts become 45 in batches, each tried first, after a backup of all, and no content comes twice."""
    old = _old(folder)
    done = consolidation.consolidate(old, folder / "backup", tree.cases())
    left = scripts_of(old)
    proof.same("45 scripts are left", len(left), UNIQUE)
    proof.same("no content comes twice", len({_told_apart(old / place, old) for place in left}), UNIQUE)
    proof.same("no script has an absolute path in it", baked_paths(old), {})
    links = [old / place for place in tree.cases()]
    proof.that("every old place leads to one of them", all(path.is_symlink() and path.exists() for path in links))
    manifest = json.loads((folder / "backup/manifest.json").read_bytes())
    proof.same("all scripts were backed up before", manifest["scripts"], ALL)
    entries = [json.loads(line) for line in (folder / "backup/journal.jsonl").read_text().splitlines()]
    proof.same("the backup was first", entries[0]["event"], "backup")
    steps = [(entry["event"], entry["batch"]) for entry in entries[1:]]
    wanted = [(event, batch) for batch in range(1, done.batches + 1) for event in ("validated", "replaced")]
    proof.same("each batch was tried before it was put in place", steps, wanted)
    proof.that("there were several batches", done.batches >= 3)
    proof.that("every trial had runs", all(entry.get("runs", 1) > 0 for entry in entries))
    proof.figure("scripts", len(left), "scripts")
    proof.figure("runs compared", done.runs, "runs")
    proof.figure("lines", done.lines_after, "lines")
    proof.figure("fewer lines", round(100 * (1 - done.lines_after / done.lines_before), 1), "%")


def parity(proof: Proof, folder: Path) -> None:
    """Each of the 164 old entry points does on the new tree what it did on the old one."""
    old, new = _old(folder / "before", 7), _old(folder / "after", 7)
    cases = tree.cases()
    consolidation.consolidate(new, folder / "backup", cases)
    seen = compared(old, new, cases, cases)
    proof.same("no run differs", seen.differences, ())
    proof.same("every entry point was tried", len(cases), ALL)
    proof.that("with more than 200 runs", seen.runs > 200)
    changed = left_behind(old)
    proof.that("the runs changed something that could differ", changed != left_behind(_old(folder / "fresh", 7)))
    spoiled = new / "scripts/stale-work.sh"
    spoiled.write_text(spoiled.read_text().replace("< 10", "< 101"), encoding="utf-8")
    again = compared(old, new, ["apps/registry/scripts/stale-work.sh"], cases)
    proof.that("a script that does something else is noticed", again.differences)
    proof.figure("entry points", len(cases), "entry points")
    proof.figure("runs", seen.runs, "runs")


def rollback(proof: Proof, folder: Path) -> None:
    """The backup brings every script back as it was, and what is not whole is refused before anything changes."""
    old = _old(folder)
    before = backup.digest(old, scripts_of(old))
    consolidation.consolidate(old, folder / "backup", tree.cases())
    (old / "apps/registry/data/agents.tsv").write_text("later\tred\t1\tidle\n", encoding="utf-8")
    begun = time.monotonic()
    after = backup.restore(old, folder / "backup")
    proof.same("the scripts are exactly as before", after, before)
    proof.figure("restored in", round(time.monotonic() - begun, 2), "s")
    proof.that("data that came later is left alone", "later" in (old / "apps/registry/data/agents.tsv").read_text())
    proof.same("an old script runs again", said(old, "apps/registry/scripts/list-agents.sh", ()).out, "later red 1\n")
    proof.refuses("a second backup over the first is refused", RefusedError, backup.back_up, old, folder / "backup")
    _damaged(proof, old, folder)


def _damaged(proof: Proof, old: Path, folder: Path) -> None:
    kept = next((folder / "backup/files").rglob("*.sh"))
    whole = kept.read_bytes()
    before = backup.digest(old, scripts_of(old))
    for name, spoil in _damages(kept).items():
        spoil()
        proof.refuses(f"a backup with a file {name} is refused", RefusedError, backup.restore, old, folder / "backup")
        kept.write_bytes(whole)
        kept.chmod(0o755)
        (kept.parent / "added.sh").unlink(missing_ok=True)
    proof.same("and nothing was changed by that", backup.digest(old, scripts_of(old)), before)
    cases = {place: words for place, words in tree.cases().items() if "legacy" not in place}
    proof.refuses(
        "scripts that nothing tries are not consolidated",
        RefusedError,
        consolidation.consolidate,
        old,
        folder / "second",
        cases,
    )
    proof.same("and stay", len(scripts_of(old)), ALL)


def _damages(kept: Path) -> dict[str, Callable[[], object]]:
    return {
        "changed": lambda: kept.write_bytes(kept.read_bytes() + b"\n"),
        "missing": kept.unlink,
        "added": lambda: (kept.parent / "added.sh").write_text("#!/bin/sh\n", encoding="utf-8"),
        "of another mode": lambda: kept.chmod(0o600),
    }


def _old(folder: Path, seed: int = 1) -> Path:
    tree.make_tree(folder / "v2", seed)
    return folder / "v2"


def _told_apart(script: Path, root: Path) -> str:
    """A rule of its own, so that the tool's rule is not held against itself: words in order, paths left out."""
    return " ".join(re.sub(re.escape(str(root)) + r"/apps/\w+", "", script.read_text(encoding="utf-8")).split())
