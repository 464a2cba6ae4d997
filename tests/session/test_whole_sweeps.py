"""Every point of the conversions of the reference migrations is struck, in every way; takes many minutes."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from godwit.faults import untraceable
from godwit.plan import Crash, Trouble, load_plan
from godwit.session.crashing import Crashes
from godwit.session.expansion import CrashTrouble
from godwit.session.shipped import catalogue
from godwit.verdict import Outcome

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
TROUBLES: tuple[Trouble, ...] = ("disk-full", "permission-denied", "power-loss")
HOURS_S = 7200.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(HOURS_S)]


@pytest.fixture(params=["orchestration_v2", "pip_package"])
def swept(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Crashes, Crash]:
    plan = load_plan(MIGRATIONS / request.param / "plan.yaml", os.environ, catalogue())
    world: Any = SimpleNamespace(
        work=tmp_path / "work",
        out=tmp_path,
        places=SimpleNamespace(outside={"python": sys.executable, "seed": str(plan.migration.seed)}),
        plan=plan,
        environ=lambda role: dict(os.environ),
        mask=str,
        events=SimpleNamespace(emit=lambda kind, subject, text: None),
    )
    assert plan.state is not None
    every = {"points_at_most": 100_000, "time_s": HOURS_S, "at": Crash.model_fields["at"].default}
    return Crashes(world), plan.state.crashes[0].model_copy(update=every)


@pytest.mark.skipif(bool(untraceable()), reason="this machine does not let commands be traced")
def test_every_point_of_a_conversion_is_survived(swept: tuple[Crashes, Crash]) -> None:
    crashes, crash = swept
    found = [crashes.made_good(crash), crashes.never_half(crash)]
    found += [crashes.trouble_survived(CrashTrouble(crash, trouble)) for trouble in TROUBLES]
    assert [it for it in found if it.outcome is not Outcome.PASSED] == []
    assert int(found[0].reason.split()[0]) >= 150
