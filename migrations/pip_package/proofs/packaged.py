"""The package as pip sees it: a wheel into an environment of its own, its command, its help, a release before the release."""

import ast
import os
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

from pip_package.proofs.proof import MIGRATIONS, TIMEOUT_S
from plumbing.proof import Proof

CANDIDATE = MIGRATIONS / "pip_package/candidate"
IMPORTED_AS = {"python-dotenv": "dotenv", "ruamel.yaml": "ruamel"}
COMMANDS = (
    "migrate-assess", "migrate-from-git", "export-config", "import-config", "init", "restore-migration-backup", "recover",
    "migrate-resume", "status", "start", "projects", "health",
)  # fmt: skip


def prove(proof: Proof, folder: Path) -> None:
    """All of it."""
    project = tomllib.loads((CANDIDATE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    proof.that("its version is 1.0.0", project["version"] == "1.0.0")
    proof.that("its command is agent-orch", list(project["scripts"]) == ["agent-orch"])
    _declared(proof, project["dependencies"])
    index = folder / "index"
    index.mkdir()
    _wheel(index, "0.0.1", project)
    _wheel(index, "1.0.0rc1", project)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True, timeout=TIMEOUT_S)
    found = (*_pip(folder, "--dry-run"), *_pip(folder, "--dry-run", "--pre"))
    proof.that(
        "a beta is had with --pre only", "agent-workflow-0.0.1" in found[1] and "agent-workflow-1.0.0rc1" in found[3]
    )
    _wheel(index, project["version"], project)
    code, said = _pip(folder)
    proof.that("pip installs the release", code == 0 and "agent-workflow-1.0.0" in said)
    _installed(proof, folder)


def _declared(proof: Proof, dependencies: list[str]) -> None:
    names = [each.partition(">")[0] for each in dependencies]
    declared = {IMPORTED_AS.get(name, name) for name in names}
    used: set[str] = set()
    for path in (CANDIDATE / "agent_workflow").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                used.add((node.module or "").partition(".")[0])
    foreign = used - set(sys.stdlib_module_names)
    proof.that(f"all that it imports is declared: {sorted(foreign - declared)}", not foreign - declared)


def _wheel(index: Path, version: str, project: dict[str, object]) -> None:
    about = f"agent_workflow-{version}.dist-info"
    with zipfile.ZipFile(index / f"agent_workflow-{version}-py3-none-any.whl", "w") as wheel:
        for path in sorted((CANDIDATE / "agent_workflow").glob("*.py")):
            wheel.write(path, f"agent_workflow/{path.name}")
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {version}\n")
        wheel.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: sample\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{about}/entry_points.txt", "[console_scripts]\nagent-orch = agent_workflow.cli:main\n")
        wheel.writestr(f"{about}/RECORD", "")


def _pip(folder: Path, *words: str) -> tuple[int, str]:
    line = [
        str(folder / "venv/bin/python"),
        "-m",
        "pip",
        "install",
        "--no-index",
        "--find-links",
        str(folder / "index"),
    ]
    around = {name: text for name, text in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    done = subprocess.run(
        [*line, *words, "agent-workflow"], env=around, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    return done.returncode, done.stdout + done.stderr


def _installed(proof: Proof, folder: Path) -> None:
    # What it depends on is this environment's: the index here has the package alone.
    around = os.environ | {"PYTHONPATH": sysconfig.get_path("purelib"), "HOME": str(folder)}

    def orch(*words: str) -> subprocess.CompletedProcess[str]:
        line = [str(folder / "venv/bin/agent-orch"), *words]
        return subprocess.run(
            line, env=around, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )

    proof.that("agent-orch is a command", orch("--version").stdout.strip() == "agent-orch 1.0.0")
    helped = orch("--help")
    proof.that(
        "its help names the folder and the guide", "~/.agent-workflow" in helped.stdout and "migration" in helped.stdout
    )
    for name in COMMANDS:
        proof.that(f"{name} is there", f"  {name}" in helped.stdout)
        one = orch(name, "--help")
        proof.that(f"{name} explains itself", one.returncode == 0 and len(one.stdout.splitlines()) > 4)
    modules = ", ".join(f"agent_workflow.{p.stem}" for p in (CANDIDATE / "agent_workflow").glob("[a-z]*.py"))
    line = [str(folder / "venv/bin/python"), "-c", f"import {modules}"]
    proof.that(
        "every module can be imported",
        subprocess.run(line, env=around, cwd=folder, timeout=TIMEOUT_S, check=False).returncode == 0,
    )
    proof.that(
        "a home is made in the user's folder",
        orch("init", "--minimal").returncode == 0 and (folder / ".agent-workflow/config.yaml").is_file(),
    )
    misused = [orch("no-such-command").returncode, orch("migrate-from-git", "/nowhere", "--automated").returncode]
    proof.that("misuse ends with 2, a refusal with 1", misused == [2, 1])
