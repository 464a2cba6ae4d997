"""Reads the options into a run: plan, expansion, evidence folder; registers conductor, controller and fixtures."""

import datetime as dt
import difflib
import gc
import os
import secrets
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from godwit.plan import Plan, Row, load_plan, resolve, secrets_of
from godwit.pytest_plugin.conductor import Conductor
from godwit.pytest_plugin.controller import Controller
from godwit.reporting import make_folder, planned_labels
from godwit.session import Expansion, Session, Setting, expand, hide_in_log_records, rows_of, spellings
from godwit.session.shipped import FIXTURES, catalogue
from godwit.verdict import GodwitError, is_meant

if TYPE_CHECKING:
    from godwit.reporting.allure import AllureResults

_MODULES = ("run", "nouns", "elements")


@dataclass(frozen=True, slots=True)
class Run:
    """Everything about this run that options decide."""

    plan: Plan
    expansion: Expansion
    setting: Setting
    only: tuple[str, ...]
    asked: tuple[str, ...]
    attestations: Path
    rows: tuple[Row, ...]


RUN = pytest.StashKey[Run]()


def conduct(config: pytest.Config) -> None:
    """Register what conducts a run; a user's mistake ends as a usage error with its own words."""
    try:
        run = _read(config)
        if not (hasattr(config, "workerinput") or config.option.collectonly):
            make_folder(run.setting.out)
    except GodwitError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[RUN] = run
    if run.setting.secrets:
        config.add_cleanup(hide_in_log_records(run.setting.secrets))
    for module in _MODULES:
        config.pluginmanager.import_plugin(f"{FIXTURES}.{module}")
    config.pluginmanager.register(
        Conductor(run.expansion, run.setting, run.asked, partial(_allure, config, run)), "godwit-conductor"
    )
    collect_less()
    if hasattr(config, "workerinput"):
        return
    _expect_workers(config)
    _interrupt_once(config)
    if not config.option.collectonly:
        config.pluginmanager.register(Controller(config, run), "godwit-controller")


def collect_less() -> None:
    """Have the collector leave alone what is there, and look less often at what comes.

    Plan and libraries stay, and so do answers until they are compared: looking through them for garbage again and again
    costs more than the hooks.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _allure(config: pytest.Config, run: Run) -> "AllureResults | None":
    """What makes Allure's results say the same as the verdict, where results are written."""
    folder = getattr(config.option, "allure_report_dir", None)
    if not folder:
        return None
    from godwit.reporting.allure import QuickWriter, follow_allure  # heavy: only where it is asked for
    from godwit.reporting.allure_secrets import hide_in_results

    config.add_cleanup(lambda: hide_in_results(Path(folder), run.setting.secrets))
    checks = {check.id: check for check in run.expansion.checks}
    nouns = {name for module in _MODULES for name in vars(config.pluginmanager.get_plugin(f"{FIXTURES}.{module}"))}
    writer = QuickWriter(Path(folder), run.setting.run_id, nouns)
    results, stop = follow_allure(
        lambda name: planned_labels(checks[name], run.plan), run.setting.secrets, run.setting.out, writer
    )
    config.add_cleanup(stop)
    return results


def session_for(config: pytest.Config) -> Session:
    """Open the session of this process."""
    run = config.stash[RUN]
    session = Session(run.setting)
    phases = dict.fromkeys(check.phase for check in run.expansion.checks)
    session.world.events.emit("run-started", str(len(run.expansion.checks)), " ".join(phases))
    return session


def _interrupt_once(config: pytest.Config) -> None:
    """Have only the first SIGINT interrupt: a second would interrupt what ends stacks and writes the verdict."""

    def interrupt(_: int, __: object) -> None:
        signal.signal(signal.SIGINT, lambda *_: None)
        raise KeyboardInterrupt

    def restore() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)

    mine = threading.current_thread() is threading.main_thread()  # nobody else may say what a signal does
    if mine and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
        config.add_cleanup(restore)


def _expect_workers(config: pytest.Config) -> None:
    """Refuse to run a plan several times over, and to replace a dead worker, who would walk up to the same death again."""
    option: Any = config.option
    if getattr(option, "dist", "no") == "each":
        raise pytest.UsageError(
            "godwit cannot run with --dist each: a migration is walked through once; leave --dist out"
        )
    option.maxworkerrestart = "0"


def _read(config: pytest.Config) -> Run:
    option: Any = config.option
    plan = load_plan(Path(option.godwit_plan), {}, catalogue())  # names stay unfilled until it is told which are secret
    plan = plan if option.godwit_seed is None else plan.with_seed(option.godwit_seed)
    same = option.godwit_candidate_as == "baseline"
    plan = plan.with_candidate_as_baseline() if same else plan
    hidden = spellings(secrets_of(plan, os.environ, option.godwit_profile))
    plan = resolve(plan, os.environ, option.godwit_profile)
    only = tuple(_known(name, [phase.id for phase in plan.phases], "phase") for name in option.godwit_phase)
    if option.godwit_defect:
        _known(option.godwit_defect, [defect.id for defect in plan.defects], "defect")
    shared = getattr(config, "workerinput", {})
    run_id = shared.get("godwit_run_id") or option.godwit_run_id or _new_id(plan)
    out = Path(shared.get("godwit_out") or option.godwit_out or Path("reports/out") / run_id).absolute()
    setting = Setting(
        plan, option.godwit_profile, out, run_id, same, option.godwit_defect, tuple(option.godwit_allow), dict(os.environ),
        hidden, option.godwit_seed,
    )  # fmt: skip
    signed = Path(option.godwit_attestations or plan.directory / plan.attestations.directory)
    asked = _asked(option.godwit_check, expand(plan, only), plan.migration.id)
    if asked and not only:  # the phases of what is asked for; those before them are walked through, not judged
        only = tuple(dict.fromkeys(check.phase for check in expand(plan).checks if is_meant(check.id, asked)))
    return Run(plan, expand(plan, only), setting, only, asked, signed, rows_of(plan))


def _asked(wanted: Sequence[str], expansion: Expansion, migration: str) -> tuple[str, ...]:
    """Patterns of checks without the migration; a pattern that means none is refused."""
    patterns = tuple(text.removeprefix(f"{migration}/") for text in wanted)
    for text, pattern in zip(wanted, patterns, strict=True):
        if not any(is_meant(check.id, [pattern]) for check in expansion.checks):
            near = difflib.get_close_matches(f"{migration}/{pattern}", [it.id for it in expansion.checks], 1, 0.5)
            hint = f"; did you mean {near[0]}?" if near else "; ids are in the verdict: <phase>/<promise>[/<case>]"
            raise GodwitError(f"no check '{text}' in the phases asked for{hint}")
    return patterns


def _known(name: str, names: list[str], what: str) -> str:
    if name not in names:
        raise GodwitError(f"no {what} '{name}' in the plan; it has {', '.join(names) or 'none'}")
    return name


def _new_id(plan: Plan) -> str:
    now = dt.datetime.now(dt.UTC)
    return f"{plan.migration.id}-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
