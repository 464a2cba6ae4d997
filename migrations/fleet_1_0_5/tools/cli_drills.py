"""The command that carries out one trial and ends with 1 where a sentence of it does not hold."""

import importlib
import sys
import tempfile
from pathlib import Path

import click

from fleet_1_0_5.tools.cli import tools
from fleet_1_0_5.tools.trials.sentences import Sentences

TRIALS = {
    "routing-selection": "routing:selection",
    "routing-corpus": "routing:corpus",
    "routing-prices": "routing:prices",
    "budget-alerts": "budgets:alerts",
    "budget-enforcement": "budgets:enforcement",
    "costs-untracked": "budgets:untracked",
    "streaming-order": "streaming:order_and_result",
    "streaming-first-chunk": "streaming:first_chunk",
    "streaming-success": "streaming:success",
    "streaming-timeout": "streaming:timeout",
    "streaming-retries": "streaming:retries",
    "streaming-slow-reader": "streaming:slow_reader",
    "streaming-synchronous": "streaming:synchronous",
    "config-environments": "configuration:environments",
    "config-started": "configuration:started",
    "config-converter": "configuration:converter",
    "config-conversions": "configuration:conversions",
    "switch-precedence": "switches:precedence",
    "switch-malformed": "switches:malformed",
    "switch-router": "switches:router",
    "switch-hot": "switches:hot",
    "programs-unchanged": "programs:run_unchanged",
    "programs-migrated": "programs:migrated",
    "codemod": "programs:codemod",
    "memory-shared": "memory:shared",
    "memory-marker": "memory:marker",
    "rollback-immediate": "ways_back:immediate",
    "rollback-escalation": "ways_back:escalation",
    "rollback-partial": "ways_back:partial",
}


@tools.command("try")
@click.argument("name", type=click.Choice(list(TRIALS)))
def try_(name: str) -> None:
    """Carry out one trial on services of its own, sentence by sentence."""
    module, _, function = TRIALS[name].partition(":")
    act = getattr(importlib.import_module(f"fleet_1_0_5.tools.trials.{module}"), function)
    say = Sentences(click.echo)
    with tempfile.TemporaryDirectory() as folder:
        try:
            act(say, Path(folder))
        except Exception as error:  # noqa: BLE001 - whatever comes up, the trial did not come to its end
            say.say("the trial comes to its end", is_so=False, seen=f"{type(error).__name__}: {error}")
    click.echo(say.finish())
    sys.exit(1 if say.broken else 0)
