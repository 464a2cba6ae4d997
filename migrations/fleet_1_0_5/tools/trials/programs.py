"""Trials of users' own programs: untouched agents and tools run, the codemod finds and renames, migrated ones get what is new."""

import ast
import shutil
import sys
from pathlib import Path

from fleet_1_0_5.tools.trials.configuration import run
from fleet_1_0_5.tools.trials.routing import HAIKU, ORDER
from fleet_1_0_5.tools.trials.sentences import Sentences
from fleet_1_0_5.tools.trials.standing import HOME, standing

LEGACY, MIGRATED = HOME / "clients/legacy", HOME / "clients/migrated"
AGENTS = [
    {"type": "lint", "class": "custom_agent:LintAgent"},
    {"type": "strict-lint", "class": "custom_agent:StrictLintAgent"},
]
TOOLS = [{"class": "custom_tool:WordCountTool"}]
WORDS = {"params": {"text": "three short words"}}


def run_unchanged(say: Sentences, folder: Path) -> None:
    """Agents and tools that were written for 1.0.4 do on 1.0.5 what they did, with the features off and on."""
    own = {"agents": AGENTS, "tools": TOOLS}
    words = ("--extensions", str(LEGACY))
    order = {"description": "Look", "context": ["b", "a"]}
    with standing("baseline", folder, changes=own, words=words) as old:
        wanted = [old.ask("POST", "/tasks", {**order, "agentType": each["type"]}).body["result"] for each in AGENTS]
        counted = old.ask("POST", "/tools/word-count/execute", WORDS).body
    with standing("candidate", folder, config="fleet.test.yaml", changes=own, words=words) as new:
        for state in ("off", "on"):
            found = [
                new.ask("POST", "/tasks", {**order, "agentType": each["type"]}).body.get("result") for each in AGENTS
            ]
            say.same(f"with features {state} untouched agents give the same results", found, wanted)
            say.same(
                f"with features {state} an untouched tool does",
                new.ask("POST", "/tools/word-count/execute", WORDS).body,
                counted,
            )
            new.take("fleet.prod.yaml", own)
        events = [event.name for event in new.stream("/tools/word-count/execute", WORDS)]
        say.same("a tool without streaming answers as a whole or as one", events[-1:] in (["json"], ["complete"]), True)


def migrated(say: Sentences, folder: Path) -> None:
    """Migrated agents get the selection or do without it; streaming tools call back in their order."""
    own = {"agents": [*AGENTS, {"type": "selecting", "class": "selecting_agent:SelectingAgent"}], "tools": TOOLS}
    words = ("--extensions", str(MIGRATED))
    with standing("candidate", folder, config="fleet.prod.yaml", changes=own, words=words) as new:
        order = {**ORDER, "agentType": "selecting"}
        say.same("an agent reads selection.modelName", new.ask("POST", "/tasks", order).body["result"]["model"], HAIKU)
        new.ask("PUT", "/admin/flags", {"multiModelRouter": False})
        say.same(
            "without routing it runs without a selection",
            new.ask("POST", "/tasks", order).body["result"]["model"],
            None,
        )
        events = [event.name for event in new.stream("/tools/word-count/execute", WORDS)]
        say.same(
            "a tool calls onStart, onChunk for each, onComplete",
            events,
            ["start", "chunk", "chunk", "chunk", "complete"],
        )
        whole = new.ask("POST", "/tools/word-count/execute", WORDS).body
        say.same("and gives the same without streaming", new.stream("/tools/word-count/execute", WORDS)[-1].data, whole)
    sys.path.insert(0, str(HOME.parent))
    from fleet_1_0_5.candidate.fleet import FleetManager
    from fleet_1_0_5.candidate.tools import BaseMCPTool

    say.say("supportsStreaming is false unless a tool says so", not BaseMCPTool().supportsStreaming())
    say.say("FleetManager has getModelRouter", callable(FleetManager.getModelRouter))


def codemod(say: Sentences, folder: Path) -> None:
    """The codemod finds every agent, indirect ones too, renames and adds the parameter, and changes nothing else."""
    tree = folder / "agents"
    shutil.copytree(LEGACY, tree, ignore=shutil.ignore_patterns("__pycache__"))
    before = {path.name: path.read_bytes() for path in tree.glob("*.py")}
    checked = run(["migrate-agents", "--check", str(tree)])
    say.same("with --check it changes nothing and ends with 1", checked.returncode, 1)
    say.same("the files are as they were", {path.name: path.read_bytes() for path in tree.glob("*.py")}, before)
    ended = run(["migrate-agents", str(tree)])
    say.same("it ends with 0", (ended.returncode, ended.stderr), (0, ""))
    text = (tree / "custom_agent.py").read_text(encoding="utf-8")
    methods = {
        node.name: [arg.arg for arg in node.args.args]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.AsyncFunctionDef)
    }
    say.say(
        "performTask is performTaskImpl, with an optional selection",
        methods.get("performTaskImpl") == ["self", "task", "selection"],
        methods,
    )
    say.same("in both classes, the indirect one too", text.count("def performTaskImpl"), 2)
    say.same(
        "each keeps performTask as a wrapper for those who call it",
        text.count("return await self.performTaskImpl(task)"),
        2,
    )
    untouched = {name for name, content in before.items() if (tree / name).read_bytes() == content}
    say.say("tools are left alone", "custom_tool.py" in untouched, untouched)
    say.same("a second run changes nothing", run(["migrate-agents", "--check", str(tree)]).returncode, 0)
