"""Has Allure's own programs make a report of a run, keeps it from calling outside, mends its look; installs and decides nothing."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from godwit.session import shipped
from godwit.verdict import HarnessError, Verdict

MOST_RUNS = 20
"""So many runs a history keeps: one of 31 tests takes 40 KB of it."""
_LIMIT_S = 900
_PACKAGES = {2: ("allure-commandline", "bin/allure"), 3: ("allure", "cli.js")}
_NEEDS = {2: ("java", "Java 8 or later"), 3: ("node", "Node.js 20 or later")}
_OUTSIDE = re.compile(
    rb"<script[^>]*\ssrc=[\"']?https?://[^>]*>\s*</script>"
    rb"|<script[^>]*>(?:(?!</script>).){0,2000}?(?:googletagmanager|gtag\(|dataLayer)(?:(?!</script>).){0,2000}?</script>",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Tool:
    """An installed Allure: its major version, and the words that start it."""

    version: int
    words: tuple[str, ...]


def find_tool(version: int, start: Path) -> Tool:
    """The Allure of this major version on the path, or in `node_modules` of `start` or a folder above; else HarnessError."""
    needed, called = _NEEDS[version]
    package, script = _PACKAGES[version]
    if shutil.which(needed) is None:
        raise HarnessError(
            f"Allure {version} needs {called}, and no {needed} is on the path; install it{_other(version)}"
        )
    for words in _candidates(package, script, start):
        if _version_of(words) == version:
            return Tool(version, words)
    raise HarnessError(f"Allure {version} is not installed: npm install {package}{_other(version)}")


def _other(version: int) -> str:
    return f", or ask for the other one: godwit report --allure {5 - version}"


def _candidates(package: str, script: str, start: Path) -> Iterator[tuple[str, ...]]:
    if on_path := shutil.which("allure"):
        yield (on_path,)
    for folder in (start, *start.parents):
        found = folder / "node_modules" / package / script
        if found.is_file():
            yield ("node", str(found)) if found.suffix == ".js" else (str(found),)


def _version_of(words: tuple[str, ...]) -> int | None:
    try:
        said = subprocess.run([*words, "--version"], capture_output=True, text=True, timeout=120, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"^v?(\d+)\.\d+", said.strip(), re.MULTILINE)
    return int(found[1]) if found else None


def make_report(tool: Tool, verdict: Verdict, results: Path, out: Path, history: Path | None, *, single: bool) -> Path:
    """Make a report of a folder of results in the new folder `out`; gives the page to open.

    `history` is a folder that keeps the last runs; a run that is reported again takes the place of its own entry.
    """
    make = _allure_3 if tool.version == 3 else _allure_2
    with tempfile.TemporaryDirectory(prefix="godwit-allure-") as name:
        made = make(tool, verdict, results, Path(name), history, single)
        page = made / "index.html"
        if not page.is_file():
            raise HarnessError(f"Allure {tool.version} ended well and left no index.html")
        for file in made.rglob("*.html"):
            file.write_bytes(without_outside(file.read_bytes()))
        page.write_bytes(readable(page.read_bytes()))
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(made, out)
    return out / "index.html"


def without_outside(page: bytes) -> bytes:
    """A page without the scripts that call outside; its own are inline or lie beside it."""
    return _OUTSIDE.sub(b"", page)


def readable(page: bytes) -> bytes:
    """A page of Allure with what it lacks: signs that stand out from their ground, names for buttons that show a picture only."""
    style, script = ((shipped.folder(shipped.REPORTS) / name).read_bytes() for name in ("allure.css", "allure.js"))
    ends = b"</head>"
    return page.replace(ends, b"<style>%s</style><script>%s</script>%s" % (style, script, ends), 1)


def _allure_3(tool: Tool, verdict: Verdict, results: Path, work: Path, history: Path | None, single: bool) -> Path:
    title, made, kept = _title(verdict), work / "made", work / "history.jsonl"
    lines = _lines(history / "allure3.jsonl" if history else None)
    kept.write_text("".join(line for line in lines if _name_in(line) not in ("", title)), encoding="utf-8")
    options = {"reportName": title, "singleFile": single, "analyticsEnable": False}
    config = {
        "name": title,
        "output": str(made),
        "plugins": {"awesome": {"options": options}},
        "historyPath": str(kept),
        "historyLimit": MOST_RUNS,
        "categories": {"rules": json.loads((results / "categories.json").read_text(encoding="utf-8"))},
        "variables": {"verdict": str(verdict.word), "run": verdict.run_id},
    }
    (work / "allurerc.json").write_text(json.dumps(config), encoding="utf-8")
    _run([*tool.words, "generate", "--config", str(work / "allurerc.json"), str(results)], work)
    if history:
        history.mkdir(parents=True, exist_ok=True)
        (history / "allure3.jsonl").write_text("".join(_lines(kept)[-MOST_RUNS:]), encoding="utf-8")
    return made


def _name_in(line: str) -> str:
    """The name of the report that a line of a history is of; empty where it is damaged."""
    try:
        return str(json.loads(line).get("name", ""))
    except (ValueError, AttributeError):
        return ""


def _lines(path: Path | None) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True) if path and path.is_file() else []


def _allure_2(tool: Tool, verdict: Verdict, results: Path, work: Path, history: Path | None, single: bool) -> Path:
    """Allure 2 keeps its history among the results, and writes the next one beside a report in a folder only."""
    made, past = work / "made", _of_others(history / "allure2", verdict.run_id) if history else None
    if past:
        shutil.copytree(past, results / "history", dirs_exist_ok=True)
    generate = [*tool.words, "generate", "--name", _title(verdict), "--output"]
    _run([*generate, str(made), str(results)], work)
    if history:
        _keep_2(made / "history", history / "allure2" / verdict.run_id)
    if single:
        made = work / "single"
        _run([*generate, str(made), "--single-file", str(results)], work)
    return made


def _of_others(kept: Path, run_id: str) -> Path | None:
    """The newest history that was written by another run."""
    found = [path for path in kept.glob("*") if path.name != run_id]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def _keep_2(made: Path, place: Path) -> None:
    """Keep the history as this run leaves it; the two newest are enough, for one of them is not this run's."""
    shutil.rmtree(place, ignore_errors=True)
    if made.is_dir():
        shutil.copytree(made, place)
    for old in sorted(place.parent.glob("*"), key=lambda path: path.stat().st_mtime)[:-2]:
        shutil.rmtree(old)


def _title(verdict: Verdict) -> str:
    return f"{verdict.word}: {verdict.run_id}"


def _run(words: Iterable[str], folder: Path) -> None:
    environ = {**os.environ, "ALLURE_NO_ANALYTICS": "true", "NO_UPDATE_NOTIFIER": "1"}
    try:
        ended = subprocess.run(
            list(words), cwd=folder, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=_LIMIT_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise HarnessError(f"Allure did not end within {_LIMIT_S} s") from None
    if ended.returncode:
        said = "\n".join((ended.stdout + ended.stderr).strip().splitlines()[-5:])
        raise HarnessError(f"Allure ended with exit code {ended.returncode}:\n{said}")
