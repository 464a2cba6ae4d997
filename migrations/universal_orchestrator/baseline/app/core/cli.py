"""python -m app.core.cli: looks at configurations and plans assignments without a service; changes no file."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .orchestrator import AgentOrchestrator
from .settings import BadConfigError, read_config


def check(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that a file stands for."""
    return read_config(options.config)


def assign(options: argparse.Namespace) -> dict[str, Any]:
    """Who would get which task: {"agents": [...], "tasks": [...]} in, names out."""
    orders = json.loads(options.orders.read_text(encoding="utf-8"))
    orchestrator = AgentOrchestrator(read_config(options.config) if options.config else None)
    for agent in orders["agents"]:
        orchestrator.register_agent(agent["id"], agent.get("role", "worker"), agent.get("capabilities", []))
    given = {
        task["id"]: orchestrator.delegate_task(task["id"], task.get("type", "general"), task.get("requires", []))
        for task in orders["tasks"]
    }
    return {"assignments": given, "status": orchestrator.get_status()}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="orchestrator", description="Legacy orchestrators, without a service.")
    commands = root.add_subparsers(dest="command", required=True)
    one = commands.add_parser("check-config", help="print the settings that a file stands for")
    one.add_argument("config", type=Path)
    one.set_defaults(act=check)
    two = commands.add_parser("assign", help="print who would get which task")
    two.add_argument("orders", type=Path)
    two.add_argument("--config", type=Path)
    two.set_defaults(act=assign)
    return root


def main(words: Sequence[str] | None = None) -> int:
    """Exit code 0, or 1 with one line for what cannot be done."""
    options = parser().parse_args(words)
    try:
        print(json.dumps(options.act(options), indent=2, sort_keys=True))
    except (BadConfigError, ValueError, OSError, RuntimeError) as error:
        print(f"orchestrator: {error}", file=sys.stderr)
        return 1
    except KeyError as error:
        print(f"orchestrator: an order lacks {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
