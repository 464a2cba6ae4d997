"""Runs a file of benchmarks once under one side's own Python, by pytest and pytest-benchmark; judges no figure."""

import json
import os
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path

from godwit.surfaces.cli import CommandResult, run_command
from godwit.verdict import GodwitError, Timing

_ASK_TIMEOUT_S = 60.0
_LACKS = """
import importlib.util as u, sys
known = (("pytest", "pytest"), ("pytest-benchmark", "pytest_benchmark"))
sys.exit(", ".join(name for name, module in known if not u.find_spec(module)) or 0)
"""


class UnmeasuredError(GodwitError):
    """The benchmarks of a file could not be run, so nothing is known of any of them."""


def lacking(python: str, cwd: Path, env: Mapping[str, str]) -> str:
    """Which of pytest and pytest-benchmark this Python lacks; nothing when it has both."""
    cwd.mkdir(parents=True, exist_ok=True)
    asked = run_command([python, "-c", _LACKS], cwd=cwd, env=env, timeout_s=_ASK_TIMEOUT_S)
    return "" if asked.exit == 0 else asked.stderr.strip() or "an answer to what it has"


def run_benchmarks(
    file: Path,
    *,
    python: str,
    cwd: Path,
    env: Mapping[str, str],
    for_s: float,
    timeout_s: float,
    out: Path,
    mask: Callable[[str], str] = str,
) -> Mapping[str, Timing]:
    """What each benchmark of a file took in one new process (one turn), by its name; UnmeasuredError says why there is nothing.

    A benchmark that failed, was skipped or called nothing has a trouble and no values. No configuration file of pytest's
    and no plugin but pytest-benchmark is loaded, only a conftest.py beside the file. `out` is a folder that keeps
    what pytest and pytest-benchmark said, without the single values.
    """
    out.mkdir(parents=True, exist_ok=True)
    figures, outcomes = out / "benchmark.json", out / "outcomes.xml"
    words = [python, "-m", "pytest", str(file), "-q", "--tb=line", "--import-mode=importlib"]
    words += ["-c", os.devnull, f"--rootdir={file.parent}", f"--confcutdir={file.parent}", "-p", "no:cacheprovider"]
    words += ["-p", "pytest_benchmark.plugin", "--benchmark-quiet", f"--benchmark-max-time={for_s:g}"]
    words += [f"--benchmark-storage=file://{out}", f"--benchmark-json={figures}", f"--junitxml={outcomes}"]
    ended = run_command(
        words,
        cwd=cwd,
        env={**env, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        timeout_s=timeout_s,
        log=out / "pytest.log",
        mask=mask,
    )
    if ended.timed_out:
        raise UnmeasuredError(f"it did not end within {timeout_s:g} s")
    if ended.exit not in (0, 1) or not outcomes.is_file():
        raise UnmeasuredError(f"pytest ended with exit code {ended.exit}: {_last(ended)}")
    return _timings(outcomes, figures)


def _last(ended: CommandResult) -> str:
    lines = [line for line in (ended.stdout + ended.stderr).splitlines() if line.strip()]
    return next((line for line in lines if line.startswith(("E ", "ERROR"))), lines[-1] if lines else "it said nothing")


def _timings(outcomes: Path, figures: Path) -> Mapping[str, Timing]:
    """Every test by its name, with what pytest-benchmark kept of it if it passed."""
    values = _values(figures) if figures.is_file() else {}
    cases = ET.parse(outcomes).iter("testcase")  # noqa: S314 - pytest wrote it, at our word
    return {name: _timing(case, values.get(name)) for case in cases if (name := case.get("name", ""))}


def _values(figures: Path) -> dict[str, tuple[float, ...]]:
    """The seconds of each benchmark; none where two have one name. They are taken out of the file, which is kept."""
    values: dict[str, tuple[float, ...]] = {}
    told = json.loads(figures.read_text(encoding="utf-8"))
    for each in told["benchmarks"]:
        data = tuple(each["stats"].pop("data"))
        values[each["name"]] = () if each["name"] in values else data
    figures.write_text(json.dumps(told), encoding="utf-8")
    return values


def _timing(case: ET.Element, values: tuple[float, ...] | None) -> Timing:
    for word, said in (("failure", "failed"), ("error", "could not be run"), ("skipped", "was skipped")):
        if (found := case.find(word)) is not None:
            return Timing(trouble=f"it {said}: {(found.get('message') or '').partition(chr(10))[0]}")
    if values is None:
        return Timing(trouble="it benchmarked nothing")
    return Timing((values,)) if values else Timing(trouble="more than one benchmark of the file has its name")
