"""`python -m fleet_1_0_5.clients.legacy.library_use`: a program that has a fleet of its own; needs agentic_qe on its path."""

import asyncio
import os
import tempfile
from pathlib import Path

from agentic_qe import BaseAgent, BaseMCPTool, FleetManager, QETask

from fleet_1_0_5.clients.legacy.custom_agent import LintAgent, StrictLintAgent
from fleet_1_0_5.clients.legacy.custom_tool import WordCountTool
from fleet_1_0_5.models.beside import models_url

CUSTOM = "fleet_1_0_5.clients.legacy"


def config_in(folder):
    """A configuration as it was before."""
    return {
        "fleet": {"id": "own-fleet", "name": "Own Fleet"},
        "agents": [
            {"type": "test-generator"},
            {"type": "lint", "class": f"{CUSTOM}.custom_agent:LintAgent"},
            {"type": "strict-lint", "class": f"{CUSTOM}.custom_agent:StrictLintAgent"},
        ],
        "tools": [{"class": f"{CUSTOM}.custom_tool:WordCountTool"}],
        "database": {"filename": str(Path(folder) / "fleet.db")},
        "ai": {"model": "claude-sonnet-4.5", "apiKey": "own-key"},
    }


async def use(folder):
    """Spawn agents, have tasks done, call a tool, remember something."""
    fleet = FleetManager(config_in(folder))
    await fleet.initialize()
    for kind in ("test-generator", "lint", "strict-lint"):
        agent = await fleet.spawnAgent(kind)
        task = QETask(id="t-1", type=kind, description="look at this", outputTokens=150, context=("b.py", "a.py"))
        print(agent.id, agent.status, await agent.executeTask(task))
        print("by its old name:", await agent.performTask(task) == await agent.executeTask(task))
    print(await fleet.tools["word-count"].execute({"text": "three short words"}))
    fleet.memory.store("greeting", {"text": "Grüße"}, {"partition": "notes", "owner": "me"})
    print(fleet.memory.retrieve("greeting", "notes"), fleet.memory.partitions(), fleet.memory.clear("notes"))
    print(
        issubclass(StrictLintAgent, LintAgent),
        issubclass(LintAgent, BaseAgent),
        WordCountTool.__mro__[1] is BaseMCPTool,
    )
    await fleet.shutdown()


def main():
    """Use a fleet in a folder of its own."""
    os.environ["FLEET_MODELS_URL"] = models_url(None, "library-use")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(use(folder))


if __name__ == "__main__":
    main()
