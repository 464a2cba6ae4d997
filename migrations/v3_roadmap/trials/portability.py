"""Trials of portability: three layouts, no path written down, the right environment found, settings written, old commands kept."""

import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from plumbing.journal import Journal
from plumbing.proof import Proof
from v3_roadmap.infrastructure.querying import ask
from v3_roadmap.portability.configuration import configure, faults_of, generated
from v3_roadmap.portability.deploying import deployed
from v3_roadmap.portability.detection import KINDS, kind_of, layout_of
from v3_roadmap.portability.layouts import LAYOUTS, Layout, install
from v3_roadmap.scripts import consolidation, tree
from v3_roadmap.scripts.backup import back_up
from v3_roadmap.scripts.grouping import baked_paths, grouped, scripts_of
from v3_roadmap.scripts.parity import compared, relocated, said
from v3_roadmap.tools.refusals import RefusedError

PLACES = {"flat": "flat", "split": "a root", "nested": "Größere Ablage/mit Leerzeichen"}
MIGRATIONS = Path(__file__).resolve().parents[2]


def layouts(proof: Proof, folder: Path) -> None:
    """One command deploys into three layouts, one with spaces; each answers, its scripts work; isolated comes before real."""
    source, journal = _consolidated(folder), folder / "journal.jsonl"
    with_error = folder / "real"
    proof.refuses(
        "a real deployment without an isolated one is refused", RefusedError, _real, source, with_error, journal
    )
    proof.that("and nothing is written by that", not with_error.exists())
    for name, place in PLACES.items():
        with deployed(source, folder / place, name, journal) as done:
            proof.same(f"{name}: the service is healthy", ask(f"{done.url}/health")[1]["status"], "healthy")
            proof.same(f"{name}: all scripts are there", done.scripts, 45)
            proof.same(f"{name}: the layout is found", layout_of(folder / place), name)
            proof.figure(f"deployment {name}", done.seconds, "s")
    _real(source, with_error, journal)
    events = [entry["event"] for entry in Journal(journal).entries()]
    proof.same("isolated came before real", events, ["isolated"] * 3 + ["real"])
    proof.refuses("an installation is not overwritten", RefusedError, install, source, with_error, LAYOUTS["flat"])


def _real(source: Path, into: Path, journal: Path) -> None:
    with deployed(source, into, "flat", journal, real=True):
        pass


def paths(proof: Proof, folder: Path) -> None:
    """No installed file names the place where it lies or came from; every script works from any folder, and after a move."""
    source = _consolidated(folder)
    for name, place in PLACES.items():
        into, layout = folder / place, LAYOUTS[name]
        install(source, into, layout)
        configure(into, "server", name)
        proof.same(f"{name}: no file holds an absolute path of this machine", _holding(into, str(folder)), [])
        proof.same(f"{name}: no script has one of any machine", baked_paths(into), {})
        links = [path for path in into.rglob("*") if path.is_symlink()]
        proof.same(f"{name}: every link is relative", [p for p in links if p.readlink().is_absolute()], [])
        moved = folder / f"moved {name}"
        into.rename(moved)
        answers = {_listed(moved / layout.data, cwd) for cwd in ("/", str(moved), str(folder))}
        proof.that(f"{name}: moved, it says the same from any folder", len(answers) == 1 and all(answers))
        program = moved / layout.program
        proof.same(f"{name}: all 45 run, found on PATH from elsewhere", _not_running(program, folder), [])


def _holding(into: Path, text: str) -> list[str]:
    files = [path for path in into.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path.name for path in files if text.encode() in path.read_bytes()]


def _listed(data: Path, cwd: str) -> str:
    return said(data, "apps/xavos/scripts/list-agents.sh", (), cwd).out


def _not_running(program: Path, cwd: Path) -> list[str]:
    """Scripts that cannot be run by name alone, from another folder; a usage message is a run, a missing file is none."""
    environ = {"PATH": f"{program / 'scripts'}{os.pathsep}{os.environ['PATH']}", "V3_APP": "registry"}
    failing = []
    for place in scripts_of(program):
        done = subprocess.run([Path(place).name], cwd=cwd, env=environ, capture_output=True, text=True, check=False)
        if done.returncode not in {0, 1, 2} or "No such file" in done.stderr or "V3_APP" in done.stderr:
            failing.append(f"{place}: {done.stderr.strip()}")
    return failing


def detection(proof: Proof, folder: Path) -> None:
    """The kind of environment is found in every combination of what tells it, and the layout of each installation."""
    signs = ("kubernetes", "container-file", "podman-file", "container", "ci", "service", "clone")
    right = 0
    combinations = list(itertools.product((False, True), repeat=len(signs)))
    for number, chosen in enumerate(combinations):
        shown = {sign for sign, is_shown in zip(signs, chosen, strict=True) if is_shown}
        found = kind_of(*_environment(folder / str(number), shown))
        wanted = _wanted(shown)
        right += found == wanted
        if found != wanted:
            proof.that(f"{sorted(shown)} is {wanted}, not {found}", False)
    proof.same("every combination is told right", right, len(combinations))
    proof.same("CI=false is no CI", kind_of({"CI": "false"}, folder / "empty", folder / "empty"), "server")
    for name, layout in LAYOUTS.items():
        _made(folder / "made" / name, layout)
        proof.same(f"layout {name} is found", layout_of(folder / "made" / name), name)
    proof.refuses("a folder without an installation is refused", RefusedError, layout_of, folder)
    _made(folder / "made/flat", LAYOUTS["split"])
    proof.refuses("one with two layouts as well", RefusedError, layout_of, folder / "made/flat")
    proof.figure("combinations", len(combinations), "combinations")


def _environment(folder: Path, shown: set[str]) -> tuple[dict[str, str], Path, Path]:
    here = folder / "home/work"
    here.mkdir(parents=True)
    files = {"container-file": ".dockerenv", "podman-file": "run/.containerenv", "clone": "home/.git"}
    for sign in shown & files.keys():
        path = folder / files[sign]
        path.parent.mkdir(exist_ok=True)
        path.write_text("", encoding="utf-8")
    variables = {
        "kubernetes": ("KUBERNETES_SERVICE_HOST", "10.0.0.1"),
        "container": ("container", "lxc"),
        "ci": ("CI", "true"),
        "service": ("INVOCATION_ID", "ab"),
    }
    return dict(variables[sign] for sign in shown & variables.keys()), folder, here


def _wanted(shown: set[str]) -> str:
    """What a person would say, written down apart from the rule."""
    for sign, kind in (("kubernetes", "kubernetes"), ("ci", "ci"), ("service", "service"), ("clone", "workstation")):
        if sign != "kubernetes" and shown & {"container-file", "podman-file", "container"}:
            return "container"
        if sign in shown:
            return kind
    return "container" if shown & {"container-file", "podman-file", "container"} else "server"


def _made(folder: Path, layout: Layout) -> None:
    for part in (f"{layout.program}/scripts", layout.settings, f"{layout.data}/apps"):
        (folder / part).mkdir(parents=True, exist_ok=True)


def config(proof: Proof, folder: Path) -> None:
    """Settings are written for every kind and layout, are right by their schema, the same twice, and keep what was set by hand."""
    for kind, name in itertools.product(KINDS, LAYOUTS):
        proof.same(f"{kind}, {name}: they are right", faults_of(generated(kind, name)), [])
    hosts = {kind: generated(kind, "flat")["host"] for kind in KINDS}
    proof.that(
        "only containers listen outwards", {k for k, host in hosts.items() if host == "0.0.0.0"} == set(KINDS[:2])
    )
    source = _consolidated(folder)
    into = folder / PLACES["nested"]
    with deployed(source, into, "nested", folder / "journal.jsonl") as done:
        proof.same("a service starts on them", ask(f"{done.url}/commands/list-agents", {})[0], 200)
    file = LAYOUTS["nested"].configuration(into)
    first = file.read_bytes()
    configure(into, done.environment, "nested")
    proof.same("twice they are the same", file.read_bytes(), first)
    proof.that("its store lies among its data", (into / LAYOUTS["nested"].data / "coordination.db").exists())
    file.write_text(json.dumps({"port": 4010}), encoding="utf-8")
    settings = configure(into, done.environment, "nested")
    proof.same("what was set by hand is kept", settings["port"], 4010)
    proof.same("the rest is added", faults_of(settings), [])
    for wrong in ({"port": "x"}, {"store": "/var/db"}, {"colour": 1}):
        file.write_text(json.dumps(wrong), encoding="utf-8")
        proof.refuses(f"{wrong} is refused", RefusedError, configure, into, done.environment, "nested")
        proof.same("and left alone", json.loads(file.read_bytes()), wrong)


def old_commands(proof: Proof, folder: Path) -> None:
    """All 164 old commands do in each of three layouts what they did in V2."""
    source, cases = _consolidated(folder, relocated_to=folder / "old"), tree.cases()
    first = {place: words[:1] for place, words in cases.items()}
    for name, place in PLACES.items():
        install(source, folder / place, LAYOUTS[name])
        relocated(folder / "old", folder / f"old-{name}")
        seen = compared(folder / f"old-{name}", folder / place / LAYOUTS[name].data, first, first)
        proof.same(f"{name}: no command differs", seen.differences, ())
        proof.same(f"{name}: all were tried", seen.runs, 164)


def rollback(proof: Proof, folder: Path) -> None:
    """The documented way back is done word by word, and V2 works as before."""
    source, installation = _consolidated(folder), folder / "installation"
    install(source, installation, LAYOUTS["flat"])
    text = (MIGRATIONS / "v3_roadmap/portability/rollback.md").read_text(encoding="utf-8")
    steps = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    proof.same("there is one block of steps", len(steps), 1)
    environ = {"TREE": source, "BACKUP": folder / "backup", "INSTALLATION": installation, "PYTHON": sys.executable}
    given = os.environ | {name: str(value) for name, value in environ.items()}
    done = subprocess.run(
        ["sh", "-c", steps[0]], cwd=MIGRATIONS, env=given, capture_output=True, text=True, check=False
    )
    proof.same("the steps work", (done.returncode, done.stderr), (0, ""))
    proof.same("164 scripts are there again", len(scripts_of(source)), 164)
    proof.that("a script of V2 ran at the end", "agent-1" in done.stdout)
    proof.that("the installation is out of the way", not installation.exists())


def _consolidated(folder: Path, relocated_to: Path | None = None) -> Path:
    """A consolidated tree, without the trials of each batch (scripts-parity has them); on demand V2 as it was."""
    source = folder / "source"
    tree.make_tree(source, 1)
    if relocated_to:
        relocated(source, relocated_to)
    groups = grouped(source, source)
    back_up(source, folder / "backup")
    consolidation.replace(source, source, groups)
    return source
