"""The examples of pipelines are what their schemas and grammars allow, and what they run leaves what they keep."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tree_sitter
import tree_sitter_groovy
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
ACTION, EXAMPLES = ROOT / "action.yml", ROOT / "docs/how-to/pipelines"
GITHUB, GITLAB, JENKINS = EXAMPLES / "github.yml", EXAMPLES / "gitlab-ci.yml", EXAMPLES / "Jenkinsfile"
TINY = ROOT / "tests/pytest_plugin/tiny"
BIN = Path(sys.executable).parent
GROOVY = tree_sitter.Parser(tree_sitter.Language(tree_sitter_groovy.language()))


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def is_valid(schema: str, path: Path) -> bool:
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    more = ["--data-transform", "gitlab-ci"] if schema == "gitlab-ci" else []
    return subprocess.run([*words, *more], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("schema", "path", "word"),
    [
        pytest.param("github-actions", ACTION, "using", id="action"),
        pytest.param("github-workflows", GITHUB, "runs-on", id="github"),
        pytest.param("gitlab-ci", GITLAB, "script", id="gitlab"),
    ],
)
def test_an_example_is_what_the_schema_of_its_service_allows(
    schema: str, path: Path, word: str, tmp_path: Path
) -> None:
    spoiled = tmp_path / path.name
    spoiled.write_text(path.read_text(encoding="utf-8").replace(word, f"not-{word}"), encoding="utf-8")
    assert [is_valid(schema, path), is_valid(schema, spoiled)] == [True, False]


def test_the_jenkinsfile_can_be_parsed() -> None:
    text = JENKINS.read_bytes()
    broken = text.rstrip().removesuffix(b"}")
    assert [GROOVY.parse(each).root_node.has_error for each in (text, broken)] == [False, True]


def test_no_script_of_the_action_has_an_input_in_its_text() -> None:
    scripts = [step["run"] for step in read(ACTION)["runs"]["steps"] if "run" in step]
    assert len(scripts) == 2
    assert [script for script in scripts if "${{" in script] == []


def test_the_action_is_given_only_what_it_takes() -> None:
    job = read(GITHUB)["jobs"]["gate"]
    (given,) = [step["with"] for step in job["steps"] if step["uses"].endswith("godwit")]
    taken = read(ACTION)["inputs"]
    assert set(given) <= set(taken)
    assert {name for name, each in taken.items() if each.get("required")} <= set(given)


def run(script: str, folder: Path, **environ: str) -> int:
    """Run a script of a pipeline where the tiny migration lies, as its runner would."""
    shutil.copytree(TINY, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    own = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "GODWIT_"))}
    path = f"{BIN}{os.pathsep}{own['PATH']}"
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    state = {"GODWIT_STATE_DIR": str(folder / "state"), "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    environment = {**own, "PATH": path, **state, **environ}
    ended = subprocess.run(
        words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=90, check=False
    )
    return ended.returncode


def gate_of_the_action() -> str:
    return str(next(step["run"] for step in read(ACTION)["runs"]["steps"] if step.get("id") == "verify"))


def test_the_action_verifies_a_phase_and_says_so(tmp_path: Path) -> None:
    told = tmp_path / "told"
    given = {"PLAN": "plan.yaml", "PHASE": "parity", "PROFILE": "process", "ARGS": "", "EVIDENCE": "evidence"}
    args = "--defect wrong-answer -q"
    assert run(gate_of_the_action(), tmp_path, **{**given, "ARGS": args}, GITHUB_OUTPUT=str(told)) == 10
    assert told.read_text(encoding="utf-8") == "verdict=NO-GO\nexit-code=10\n"
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").startswith("# NO-GO: tiny\n")


def test_the_action_says_inconclusive_where_there_is_no_plan(tmp_path: Path) -> None:
    told = tmp_path / "told"
    given = {"PLAN": "$(touch ran)", "PHASE": "", "PROFILE": "process", "ARGS": "$(touch ran)", "EVIDENCE": "evidence"}
    assert run(gate_of_the_action(), tmp_path, **given, GITHUB_OUTPUT=str(told)) == 4
    assert told.read_text(encoding="utf-8") == "verdict=INCONCLUSIVE\nexit-code=4\n"
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
def test_what_gitlab_keeps_is_there_after_its_script(tmp_path: Path) -> None:
    job = read(GITLAB)["gate"]
    assert run("\n".join(job["script"]), tmp_path, PHASE="parity") == 0
    kept = [*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()]
    assert [name for name in kept if not (tmp_path / name).exists()] == []


@pytest.mark.slow
def test_what_jenkins_keeps_is_there_after_its_script(tmp_path: Path) -> None:
    text = JENKINS.read_text(encoding="utf-8")
    script = next(line for line in re.findall(r"sh '(.*)'", text) if "godwit verify" in line)
    assert run(script.replace(".venv/bin/", ""), tmp_path, PHASE="parity") == 0
    (junit,) = re.findall(r'junit "(.*)"', text)
    assert (tmp_path / junit.replace("${PHASE}", "parity")).exists()
