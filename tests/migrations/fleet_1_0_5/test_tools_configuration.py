"""Converter, validator and codemod: what comes out, what is kept, and one line for whoever gives something else."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from fleet_1_0_5.tools.codemod import rewritten
from fleet_1_0_5.tools.config_files import problems
from fleet_1_0_5.tools.conversion import convert

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
OLD: dict[str, Any] = {
    "fleet": {"id": "f", "name": "F"},
    "agents": [{"type": "test-generator"}],
    "database": {"filename": "data/fleet.db"},
    "logging": {"level": "info"},
    "api": {"port": 3000},
    "security": {"cors": False},
    "custom": {"deep": [1, {"x": None}]},
    "ai": {"model": "claude-sonnet-4.5", "apiKey": "secret-key"},
}


def run(*words: object, cwd: Path | None = None) -> tuple[int, str, str]:
    """Exit code, output and errors of a tool."""
    command = [sys.executable, "-m", "fleet_1_0_5.tools", *map(str, words)]
    environment = {"PYTHONPATH": str(MIGRATIONS), "PATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False, cwd=cwd)
    return done.returncode, done.stdout, done.stderr


def written(path: Path, document: Any) -> Path:
    """A file with a document."""
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(document, file)
    return path


def read(path: Path) -> Any:
    """The document in a file."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def test_a_configuration_is_converted_as_the_document_says() -> None:
    new = convert(OLD).document
    assert {name: new[name] for name in OLD if name != "ai"} == {name: OLD[name] for name in OLD if name != "ai"}
    assert "ai" not in new
    assert new["features"] == {"multiModelRouter": False, "streaming": False}
    assert (new["routing"]["enabled"], new["routing"]["defaultModel"]) == (False, "claude-sonnet-4.5")
    assert [model["name"] for model in new["routing"]["models"]] == [
        "claude-opus-4",
        "claude-sonnet-4.5",
        "claude-haiku-4",
    ]
    assert new["routing"]["costTracking"] == {
        "enabled": False,
        "budgetLimits": {"daily": 100, "monthly": 2000},
        "alertThresholds": {"dailyPercent": 80, "monthlyPercent": 90},
    }
    assert new["streaming"]["retryConfig"] == {"maxRetries": 3, "backoffMs": 1000, "backoffMultiplier": 2}
    assert problems(new) == []


def test_the_key_of_the_api_is_kept() -> None:
    assert convert(OLD).document["providers"] == {"anthropic": {"apiKey": "secret-key"}}


@pytest.mark.parametrize(
    ("model", "default"),
    [
        ("claude-haiku-4", "claude-haiku-4"),
        ("claude-opus-4-20250514", "claude-opus-4"),
        ("claude-2", "claude-sonnet-4.5"),
        (7, "claude-sonnet-4.5"),
    ],
    ids=["name", "provider-id", "unknown", "no-text"],
)
def test_the_default_model_is_always_one_of_the_list(model: Any, default: str) -> None:
    converted = convert(OLD | {"ai": {"model": model}})
    assert converted.document["routing"]["defaultModel"] == default
    assert problems(converted.document) == []
    assert any(repr(model) in note for note in converted.notes) == (model in ("claude-2", 7))


def test_converting_twice_is_converting_once() -> None:
    once = convert(OLD).document
    twice = convert(once)
    assert twice.document == once
    assert twice.notes == ["it is of version 1.0.5 already; nothing was changed"]


def test_a_converted_file_whose_features_are_on_is_left_alone() -> None:
    on = convert(OLD).document | {"features": {"multiModelRouter": True, "streaming": True}}
    assert convert(on).document == on


def test_a_features_block_keeps_what_is_not_the_two_switches() -> None:
    converted = convert(OLD | {"features": {"dark": True, "streaming": True}})
    assert converted.document["features"] == {"dark": True, "multiModelRouter": False, "streaming": False}
    assert "features.streaming was True and is false now" in converted.notes


def test_without_a_model_there_is_no_routing_block() -> None:
    new = convert({name: value for name, value in OLD.items() if name != "ai"}).document
    assert "routing" not in new
    assert problems(new) == []


def test_conversion_leaves_what_it_was_given_alone() -> None:
    given = OLD | {"features": {"streaming": True}}
    convert(given)
    assert given["features"] == {"streaming": True}
    assert "ai" in given


def test_the_tool_converts_a_file_whose_eyes_stay_the_same(tmp_path: Path) -> None:
    old, new = written(tmp_path / "fleet.yaml", OLD), tmp_path / "new.yaml"
    old.chmod(0o600)
    before = old.read_bytes()
    code, said, errors = run("migrate-config", old, new)
    assert (code, errors) == (0, "")
    assert "Features are DISABLED by default" in said
    assert "secret-key" not in said
    assert (read(new), old.read_bytes(), new.stat().st_mode & 0o777) == (convert(OLD).document, before, 0o600)
    assert run("validate-config", new)[0] == 0


def test_the_tool_has_the_documents_defaults(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    written(tmp_path / "config/fleet.yaml", OLD)
    assert run("migrate-config", cwd=tmp_path)[0] == 0
    assert read(tmp_path / "config/fleet.v1.0.5.yaml") == convert(OLD).document


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "there is no such file"),
        ("fleet: [1", "expected"),
        ("- 1\n", "no mapping"),
        ("", "no mapping"),
        ("\tx: 1", "cannot start any token"),
    ],
    ids=["missing", "cut-off", "list", "empty", "tab"],
)
def test_what_is_no_configuration_is_refused_in_one_line(tmp_path: Path, content: str | None, reason: str) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    if content is not None:
        old.write_text(content)
    code, _, errors = run("migrate-config", old, new)
    assert (code, errors.count("\n"), new.exists()) == (1, 1, False)
    assert reason in errors


def test_the_old_file_is_never_overwritten(tmp_path: Path) -> None:
    old = written(tmp_path / "fleet.yaml", OLD)
    code, _, errors = run("migrate-config", old, old)
    assert (code, read(old)) == (1, OLD)
    assert "write to another file" in errors


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    old = written(tmp_path / "fleet.yaml", OLD)
    code, _, errors = run("migrate-config", old, tmp_path / "no" / "new.yaml")
    assert (code, errors.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"features": {"multiModelRouter": "true", "streaming": False}},
            "features.multiModelRouter: 'true' is neither",
        ),
        ({"features": {"multiModelRoutr": True}}, "did you mean multiModelRouter?"),
        ({"featureOverrides": {"agentType": {"x": {"streaming": 1}}}}, "featureOverrides.agentType.x.streaming: 1 is"),
        ({"featureOverrides": {"agentType": ["x"]}}, "no mapping of agent types"),
        ({"streaming": {"enabled": True, "timeoutMs": -1}}, "streaming.timeoutMs: Input should be greater than 0"),
        ({"routing": {"defaultModel": "gpt"}}, "is none of the models"),
        ({"fleet": None}, "fleet: "),
        ({"ai": {"model": "x"}}, "run migrate-config first"),
    ],
    ids=["text", "typo", "override", "overrides", "timeout", "model", "fleet", "old"],
)
def test_the_validator_says_what_is_wrong(change: dict[str, Any], problem: str) -> None:
    found = problems(convert(OLD).document | change)
    assert len(found) == 1
    assert problem in found[0]


def test_the_validator_says_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    wrong = convert(OLD).document | {"features": {"streaming": 1}, "streaming": {"bufferSize": 0}}
    code, _, errors = run("validate-config", written(tmp_path / "fleet.yaml", wrong))
    assert (code, errors.count("\n")) == (1, 2)


AGENTS = '''# -*- coding: utf-8 -*-
"""Agents, größer."""
import agentic_qe
from agentic_qe import BaseAgent as Root, QETask


class One(Root):
    """performTask is told of here, and stays."""

    async def performTask(self, task: QETask) -> dict:
        text = "é performTask"
        return {"text": text, "task": await self.performTask(task)}  # performTask


class Two(One):
    async def performTask(
        self,
        task,
    ):
        return await super().performTask(task)


class Three(agentic_qe.BaseAgent):
    async def performTaskImpl(self, task, selection=None):
        return 1


class Stranger:
    async def performTask(self, task):
        return 2
'''


def test_the_codemod_changes_agents_and_nothing_else() -> None:
    change = rewritten(Path("agents.py"), AGENTS.encode())
    assert change is not None
    text = change.content.decode()
    assert "async def performTaskImpl(self, task: QETask, selection: ModelSelection | None = None) -> dict:" in text
    assert "        task, selection=None,\n" in text
    assert "return await super().performTaskImpl(task, selection)\n" in text
    assert "from agentic_qe import BaseAgent as Root, QETask\nfrom agentic_qe import ModelSelection\n" in text
    assert 'text = "é performTask"' in text
    assert text.count('    async def performTask(self, task):\n        """The name of 1.0.4') == 2
    assert text[text.index("class Three") :] == AGENTS[AGENTS.index("class Three") :]
    assert [line.partition(" ")[0] for line in change.changes] == ["One.performTask", "Two.performTask"]
    compile(text, "agents.py", "exec")
    assert rewritten(Path("agents.py"), change.content) is None


def test_the_codemod_keeps_line_ends_and_a_last_line_without_one() -> None:
    source = b"from agentic_qe import BaseAgent\r\nclass A(BaseAgent):\r\n    def performTask(self, task):\r\n        return 1"
    change = rewritten(Path("a.py"), source)
    assert change is not None
    assert change.content.count(b"\n") == change.content.count(b"\r\n")
    compile(change.content, "a.py", "exec")


@pytest.mark.parametrize(
    "signature", ["self, task, extra=1", "self, *tasks", "self, task, **more", "self, *, task"], ids=str
)
def test_an_agent_that_takes_more_is_left_to_hands(tmp_path: Path, signature: str) -> None:
    file = tmp_path / "a.py"
    file.write_text(f"from agentic_qe import BaseAgent\nclass A(BaseAgent):\n    def performTask({signature}): ...\n")
    before = file.read_bytes()
    with pytest.raises(SyntaxError, match="migrate it by hand"):
        rewritten(file, before)


def test_the_tool_checks_then_changes_then_finds_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "agents.py").write_text(AGENTS)
    (tmp_path / "other.py").write_text("x = 1\n")
    code, _, errors = run("migrate-agents", "--check", tmp_path)
    assert (code, errors, (tmp_path / "agents.py").read_text()) == (1, "1 of 2 files would be changed\n", AGENTS)
    assert run("migrate-agents", tmp_path)[1].endswith("1 of 2 files changed\n")
    assert run("migrate-agents", "--check", tmp_path)[:2] == (0, "0 of 2 files changed\n")


def test_one_file_that_is_no_python_changes_none(tmp_path: Path) -> None:
    (tmp_path / "agents.py").write_text(AGENTS)
    (tmp_path / "broken.py").write_text("class A(:\n")
    code, _, errors = run("migrate-agents", tmp_path)
    assert (code, errors.count("\n"), (tmp_path / "agents.py").read_text()) == (1, 1, AGENTS)
    assert "broken.py:1" in errors


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert run("migrate-agents", tmp_path / "no")[0] == 1
