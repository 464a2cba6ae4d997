"""A session of the tiny migration, without pytest around it: real services, and a plan that each test may change first."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from godwit.plan import Plan, load_plan
from godwit.session import Check, Session, Setting, expand, read_events
from godwit.session.shipped import catalogue
from godwit.verdict import Judgement

TINY = Path(__file__).resolve().parents[1] / "pytest_plugin" / "tiny"

SHOP = Path(__file__).resolve().parent / "shop"


class Walked:
    """A session and what it did."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.checks = expand(session.setting.plan).checks

    def first(self, phase: str) -> Check:
        """The first check of a phase."""
        return next(check for check in self.checks if check.phase == phase)

    def entered(self) -> list[str]:
        """The phases that were entered, as often as they were."""
        events, _ = read_events(self.session.setting.out / "events.ndjson")
        return [event.subject for event in events if event.kind == "phase-entered"]

    def steps(self, event: str = "step-started") -> list[str]:
        """The steps in the journal, as often as they are there."""
        return [entry["step"] for entry in self.session.world.journal.entries() if entry["event"] == event]


@pytest.fixture
def planned(tmp_path: Path) -> Callable[..., Plan]:
    """Copies a migration's folder and loads its plan, changed at some places."""

    def load(folder: Path, *changes: tuple[str, str]) -> Plan:
        shutil.copytree(folder, tmp_path / folder.name)
        file = tmp_path / folder.name / "plan.yaml"
        for old, new in changes:
            text = file.read_text(encoding="utf-8")
            assert text.count(old) == 1, old
            file.write_text(text.replace(old, new), encoding="utf-8")
        return load_plan(file, os.environ, catalogue())

    return load


@pytest.fixture
def walked(tmp_path: Path, planned: Callable[..., Plan]) -> Iterator[Callable[..., Walked]]:
    """Opens a session on the tiny plan, changed at some places; it is closed after the test."""
    with ExitStack() as opened:

        def start(*changes: tuple[str, str]) -> Walked:
            plan = planned(TINY, *changes)
            setting = Setting(plan, "process", tmp_path / "out", "run", environ=os.environ)
            return Walked(opened.enter_context(closing(Session(setting))))

        yield start


@pytest.fixture
def shop(tmp_path: Path, planned: Callable[..., Plan]) -> Iterator[Callable[..., Callable[[str], Judgement]]]:
    """Starts the candidate with something wrong, and then judges the check of a given id."""
    with ExitStack() as opened:

        def start(wrong: str = "", *changes: tuple[str, str]) -> Callable[[str], Judgement]:
            plan = planned(SHOP, ('SHOP_WRONG: ""', f'SHOP_WRONG: "{wrong}"'), *changes)
            session = opened.enter_context(closing(Session(Setting(plan, "process", tmp_path / "out", "run"))))
            session.world.switches.serve()
            for role in ("baseline", "candidate"):
                session.world.stack(role).start()
            known = {check.id.removeprefix("shop/flags/"): check for check in expand(plan).checks}
            nouns = {
                "the-stronger-source-wins": session.flag_sources.stronger_wins,
                "an-unknown-flag-is-ignored": session.flag_sources.unknown_ignored,
                "a-malformed-value-is-harmless": session.flag_sources.malformed_harmless,
                "a-source-out-of-order-is-survived": session.flag_sources.trouble_survived,
                "a-hot-change-acts-in-time": session.flag_changes.in_time,
                "a-hot-change-fails-no-request": session.flag_changes.fails_no_request,
                "a-hot-change-restarts-nothing": session.flag_changes.restarts_nothing,
                "toggling-loses-nothing": session.flag_changes.toggled,
                "the-kill-switch-brings-the-baseline-back": session.flag_changes.killed,
            }
            asked = {name: [] if known[name].element is None else [known[name].element] for name in known}
            return lambda name: nouns[name.partition("/")[0]](*asked[name])

        yield start
