"""What godwit's hooks add to pytest, as ratios in one run: per check, per Allure result, at start; it judges nothing else."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from godwit.cli.running import WITHOUT

PROBES = 100
SUITE = '''"""Promises that hold."""

from godwit import assert_holds
from godwit.verdict import passed
'''
PROMISE = '''

def test_nothing_is_wrong_{number}(probe):
    """Nothing is wrong."""
    assert_holds(passed("nothing was asked"))
'''
FIXTURES = """import pytest


def pytest_generate_tests(metafunc):
    if "probe" in metafunc.fixturenames:
        metafunc.parametrize("check", range({probes}), ids="parity-p{{}}".format, indirect=True)


@pytest.fixture(autouse=True)
def check(request):
    yield getattr(request, "param", None)


@pytest.fixture
def probe(check):
    return check
"""
PLAN = """plan_version: 1
migration: {{id: many, title: Many checks, baseline: {{name: a, version: "1"}}, candidate: {{name: a, version: "2"}}, seed: 1}}
stacks:
  baseline: {{version: "1", drivers: {{endpoint: {{url: "http://127.0.0.1:9"}}}}}}
  candidate: {{version: "2", drivers: {{endpoint: {{url: "http://127.0.0.1:9"}}}}}}
surfaces:
  http:
    probes:
{probes}
criteria:
  - {{id: holds, sentence: Everything holds, checks: ["parity/*"]}}
gates:
  - {{id: parity, title: Parity, criteria: [holds]}}
phases:
  - {{id: parity, title: Parity, exit: parity, suites: [{{suite: trivial}}]}}
"""
OTHER_SUITES = """import importlib.util, sys, godwit
spec = importlib.util.spec_from_file_location("godwit.suites", {init!r}, submodule_search_locations=[{folder!r}])
godwit.suites = sys.modules["godwit.suites"] = importlib.util.module_from_spec(spec)
"""
QUIET = ("-q", "-p", "no:cacheprovider", "-c", os.devnull)
PYTEST = (sys.executable, "-P", "-m", "pytest")


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of one process."""

    cpu_s: float
    wall_s: float


@dataclass(frozen=True)
class Run:
    """A command line, the folder it runs in, and what stands in its environment besides."""

    folder: Path
    words: tuple[str, ...]
    environ: Mapping[str, str]


def cost(run: Run) -> Cost:
    """Run a command to its end; SystemExit when it ends otherwise than it should, for then nothing was measured."""
    # Else every process would compile what it imports, which is measured here and is no part of any run but the first.
    inherited = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ = {**inherited, **run.environ}
    log = run.folder / "said"
    for left in ("out", "allure"):  # a run is never put into the folder of another, nor pays for clearing it
        shutil.rmtree(run.folder / left, ignore_errors=True)
    with log.open("w") as said:
        process = subprocess.Popen(run.words, cwd=run.folder, env=environ, stdout=said, stderr=said)
        began = os.times().elapsed
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(run.words)} ended with {process.returncode}:\n{log.read_text()[-2000:]}")
    return Cost(used.ru_utime + used.ru_stime, os.times().elapsed - began)


def interleaved(runs: Mapping[str, Run], rounds: int) -> dict[str, list[Cost]]:
    """The costs of all runs, one of each in every round, so that a machine that gets busy is busy for all; a first round is dropped."""
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            found = cost(run)
            if number:
                costs[name].append(found)
    return costs


def ratio(costs: Mapping[str, Sequence[Cost]], one: str, other: str) -> float:
    """The median over rounds of the quotient of CPU seconds within a round."""
    pairs = zip(costs[one], costs[other], strict=True)
    return statistics.median(a.cpu_s / b.cpu_s for a, b in pairs)


def added_ms(costs: Mapping[str, Sequence[Cost]], one: str, other: str, count: int) -> float:
    """The median over rounds of what one run costs more than another, in milliseconds of CPU for each check."""
    pairs = zip(costs[one], costs[other], strict=True)
    return statistics.median((a.cpu_s - b.cpu_s) * 1000 / count for a, b in pairs)


def prepare(folder: Path, count: int) -> None:
    """Write into a new folder a plan of `count` checks, their suite, and the same tests and fixtures for pytest alone."""
    suites = folder / "suites"
    suites.mkdir(parents=True)
    (suites / "__init__.py").write_text('"""Trivial."""\n')
    promises = SUITE + "".join(PROMISE.format(number=number) for number in range(count // PROBES))
    (suites / "test_trivial.py").write_text(promises)
    other = OTHER_SUITES.format(init=str(suites / "__init__.py"), folder=str(suites))
    (folder / "other_suites.py").write_text(other)
    probes = "\n".join(f"      - {{id: p{number}, requests: [{{path: /}}]}}" for number in range(PROBES))
    (folder / "plan.yaml").write_text(PLAN.format(probes=probes))
    (folder / "bare").mkdir()
    (folder / "bare/conftest.py").write_text(FIXTURES.format(probes=PROBES))
    (folder / "bare/test_trivial.py").write_text(promises)
    (folder / "test_one.py").write_text("def test_one():\n    pass\n")


def hooks(folder: Path) -> dict[str, Run]:
    """The same trivial tests under pytest alone and as checks of a plan, each without and with Allure's results."""
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(folder)}
    allure = ("-p", "allure_pytest.plugin", "--alluredir", str(folder / "allure"))
    bare = (*PYTEST, *QUIET, "bare/test_trivial.py")
    plan = ("-p", "other_suites", "-p", "godwit.pytest_plugin", "--godwit-plan", "plan.yaml")
    own = (*PYTEST, *QUIET, *plan, "--godwit-out", str(folder / "out"), "suites/test_trivial.py")
    return {
        "bare": Run(folder, bare, alone),
        "godwit": Run(folder, own, alone),
        "bare, Allure": Run(folder, (*bare, *allure), alone),
        "godwit, Allure": Run(folder, (*own, *allure), alone),
    }


def starts(folder: Path) -> dict[str, Run]:
    """One empty test under pytest alone, with godwit only, with all installed plugins but without and with godwit, and as
    `godwit verify` starts pytest, without the plugins that do nothing for it.
    """
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    one = (*PYTEST, *QUIET, "test_one.py")
    return {
        "bare": Run(folder, one, alone),
        "godwit": Run(folder, (*one, "-p", "godwit.pytest_plugin"), alone),
        "all but godwit": Run(folder, (*one, "-p", "no:godwit", "-p", "no:locust"), {}),
        "all": Run(folder, (*one, "-p", "no:locust"), {}),
        "as godwit verify": Run(folder, (*one, *WITHOUT), {}),
    }


def measured(part: str, count: int, rounds: int) -> dict[str, float]:
    """The figures of one part."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder / "many", count)
        prepare(folder / "few", PROBES)
        found = PARTS[part](folder, count, rounds)
    return {key: round(value, 4) for key, value in found.items()}


def _hooks(folder: Path, count: int, rounds: int) -> dict[str, float]:
    """What a run costs as a whole, and what each check costs beyond what a run of a hundred costs."""
    runs = {name: run for name, run in hooks(folder / "many").items() if "Allure" not in name}
    few = {f"{name}, few": run for name, run in hooks(folder / "few").items() if "Allure" not in name}
    costs = interleaved(runs | few, rounds)
    each = {name: added_ms(costs, name, f"{name}, few", count - PROBES) for name in runs}
    return {
        "bare_ms_per_check": each["bare"],
        "godwit_ms_per_check": each["godwit"],
        "per_check_godwit_over_bare": each["godwit"] / each["bare"],
        "whole_run_godwit_over_bare": ratio(costs, "godwit", "bare"),
        "entering_a_run_s": statistics.median(it.cpu_s for it in costs["godwit, few"]),
    }


def _allure(folder: Path, count: int, rounds: int) -> dict[str, float]:
    costs = interleaved(hooks(folder / "many"), rounds)
    with_allure = added_ms(costs, "godwit, Allure", "godwit", count)
    own = added_ms(costs, "bare, Allure", "bare", count)
    return {
        "allure_pytest_ms_per_check": own,
        "allure_with_godwit_ms_per_check": with_allure,
        "sink_ms_per_check": with_allure - own,
    }


def _start(folder: Path, _count: int, rounds: int) -> dict[str, float]:
    costs = interleaved(starts(folder / "few"), rounds)
    return {
        "bare_s": statistics.median(each.cpu_s for each in costs["bare"]),
        "godwit_over_bare": ratio(costs, "godwit", "bare"),
        "all_over_all_but_godwit": ratio(costs, "all", "all but godwit"),
        "all_over_bare": ratio(costs, "all", "bare"),
        "as_godwit_verify_over_bare": ratio(costs, "as godwit verify", "bare"),
    }


def _parallel(folder: Path, _count: int, _rounds: int) -> dict[str, float]:
    """Whether every check of a run on four workers has one result of Allure's, and what the run takes."""
    one = hooks(folder / "many")["godwit, Allure"]
    took = cost(Run(one.folder, (*one.words, "-p", "xdist.plugin", "-n", "4"), one.environ))
    files = (one.folder / "allure").glob("*-result.json")
    names = [json.loads(path.read_text(encoding="utf-8"))["fullName"] for path in files]
    return {"results": len(names), "checks_with_one": len(set(names)), "wall_s": took.wall_s, "cpu_s": took.cpu_s}


PARTS: dict[str, Callable[[Path, int, int], dict[str, float]]] = {
    "hooks": _hooks,
    "allure": _allure,
    "start": _start,
    "parallel": _parallel,
}


def main(words: Sequence[str]) -> int:
    """Prints one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], help="hooks, allure, start, parallel; all when none is named"
    )
    parser.add_argument("--checks", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(words)
    found = {part: measured(part, asked.checks, asked.rounds) for part in asked.parts or PARTS}
    print(json.dumps({"checks": asked.checks, "rounds": asked.rounds, **found}, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
