"""Lists what lies in a run's folder, with checksums, so that whoever keeps it can tell that it is whole; reads nothing else."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from godwit.verdict import HarnessError

INDEX, SUMS = "index.json", "SHA256SUMS"
NOT_OURS = "work"
"""What stacks keep for themselves: stores, backups. It is not listed, and secrets in it are not masked."""
HOLDS = {
    "verdict.json": "the decision and everything that it rests on; every other output is made from it",
    "verdict.html": "the verdict for those who release: one page without scripts",
    "verdict.md": "the verdict for people: job summaries, pull requests",
    "verdict.junit.xml": "the verdict as JUnit XML: a test case for each criterion, check and row",
    "metrics.prom": "the verdict as OpenMetrics text: verdicts, outcomes, measured values",
    "measurements.csv": "what was measured, one line a value",
    "events.ndjson": "what happened when, one JSON object a line",
    "journal.ndjson": "every step, before it was carried out and after",
    "calibration.ndjson": "what of the baseline's answers is noise",
    "contract.json": "every change of the contract, and what came of trying it",
    "replays.ndjson": "every recorded request, and how either side answered it",
    "ledger*.ndjson": "every write made while state moved, or while both sides ran",
    "history*.ndjson": "every act of a history",
    "logs/*": "what one stack, or one command, said",
    "load/*": "parameters and samples of a load",
    "benchmarks/*": "what pytest and pytest-benchmark said in one turn of one side",
    "scaling/*": "what every turn cost on either side, at every number of rows",
    "rollout/*": "every look at a rollout step that a judge decided",
    "state/*": "every bad key of a mapping",
    "comparisons/*": "every difference of two tables, grouped by cause",
    "answers/*": "requests and both answers of probes whose check did not pass",
    "states/*": "the smallest generated state on which a promise broke",
    "crashes/*": "every try of a command that was killed or troubled",
    "allure-report/*": "Allure's report of the run, made with Allure 3 when it was over",
    "allure2-report/*": "Allure's report of the run, made with Allure 2 when it was over",
}
"""What the files of a run hold, by pattern."""


def seal(out: Path) -> None:
    """Write the index, and the checksums of everything listed and of the index; `sha256sum -c SHA256SUMS` reads them."""
    _write([_entry(path, out) for path in _listed(out)], out)


def seal_again(out: Path, written: Path) -> None:
    """List anew the file or folder that was written into a run's folder after its end; HarnessError for a damaged index.

    All other sums stay as they were, so that a change of another file is still noticed. A folder without an index gets
    none, and what was written elsewhere is not listed.
    """
    out, written = out.resolve(), written.resolve()
    if not (out / INDEX).is_file() or not written.is_relative_to(out):
        return
    inside = PurePosixPath(written.relative_to(out).as_posix())
    others = [item for item in _indexed(out) if not PurePosixPath(item["path"]).is_relative_to(inside)]
    anew = [_entry(path, out) for path in _listed(out) if path.is_relative_to(written)]
    _write(sorted([*others, *anew], key=lambda item: PurePosixPath(item["path"])), out)


def _indexed(out: Path) -> list[dict[str, Any]]:
    try:
        return list(json.loads((out / INDEX).read_bytes())["files"])
    except (ValueError, KeyError, TypeError):
        raise HarnessError(f"{out / INDEX} is damaged, so no checksum of the run can be renewed") from None


def _write(files: Sequence[dict[str, Any]], out: Path) -> None:
    document = {"schema_version": 1, "not_listed": [f"{NOT_OURS}/"], "files": files}
    index = json.dumps(document, indent=1).encode() + b"\n"
    sums = [(item["path"], item["sha256"]) for item in files]
    sums.append((INDEX, hashlib.sha256(index).hexdigest()))
    whole(out / INDEX, index)
    whole(out / SUMS, "".join(_line(name, digest) for name, digest in sums).encode(errors="surrogateescape"))


def whole(path: Path, data: bytes) -> None:
    """Write a file that appears whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(data)
    partial.replace(path)


def _listed(out: Path) -> Iterator[Path]:
    """Files proper: no links, which may lead anywhere, no pipes or sockets, nothing of the stacks' own."""
    for path in sorted(out.rglob("*")):
        inside = path.relative_to(out)
        if (
            path.is_file()
            and not path.is_symlink()
            and inside.parts[0] != NOT_OURS
            and str(inside) not in (INDEX, SUMS)
        ):
            yield path


def _entry(path: Path, out: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    inside = path.relative_to(out)
    holds = next((told for pattern, told in HOLDS.items() if _is_kind(inside, pattern)), "")
    return {"path": inside.as_posix(), "bytes": path.stat().st_size, "sha256": digest, "holds": holds}


def _is_kind(inside: Path, pattern: str) -> bool:
    """Whether a file is of a pattern: one with a folder means all below it."""
    folder = pattern.removesuffix("/*")
    return inside.parts[0] == folder if folder != pattern else len(inside.parts) == 1 and inside.match(pattern)


def _line(name: str, digest: str) -> str:
    """One line as coreutils writes it: a name with a line break or a backslash is escaped, and says so."""
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    mark = "\\" if escaped != name else ""
    return f"{mark}{digest}  {escaped}\n"
