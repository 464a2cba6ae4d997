"""An index that was dropped and a query in a loop are found as rows become more; a sound candidate is not accused."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from godwit.plan import Plan
from godwit.session import Session, Setting
from godwit.verdict import HarnessError, Judgement, Outcome

DEPOT = Path(__file__).resolve().parent / "depot"


@pytest.fixture
def depot(tmp_path: Path, planned: Callable[..., Plan]) -> Iterator[Callable[..., Callable[[str], Judgement]]]:
    """Starts both depots, the candidate with something wrong, and then judges what is named."""
    with ExitStack() as opened:

        def start(wrong: str = "", *changes: tuple[str, str], same: bool = False) -> Callable[[str], Judgement]:
            plan = planned(DEPOT, ('DEPOT_WRONG: ""', f'DEPOT_WRONG: "{wrong}"'), *changes)
            plan = plan.with_candidate_as_baseline() if same else plan
            setting = Setting(plan, "process", tmp_path / "out", "run", same)
            session = opened.enter_context(closing(Session(setting)))
            for role in ("baseline", "candidate"):
                session.world.stack(role).start()
            known: dict[str, Any] = {item.id: (session.growth.no_faster, item) for item in plan.scaling}
            known |= {item.id: (session.growth.indexed, item) for item in plan.query_plans}
            return lambda name: known[name][0](known[name][1])

        yield start


def test_a_dropped_index_is_found_at_ten_thousand_rows(depot):
    judgement = depot("no index")("shelves")
    assert judgement.outcome is Outcome.FAILED, judgement.reason
    assert judgement.actual.interval.low > judgement.baseline.value + 0.1


def test_a_sound_candidate_is_not_accused(depot, tmp_path):
    judge = depot()
    assert [judge(name).outcome for name in ("listing", "by-shelf")] == [Outcome.PASSED] * 2
    assert judge("shelves").outcome is not Outcome.FAILED
    assert (tmp_path / "out" / "scaling" / "shelves.json").is_file()


def test_a_query_in_a_loop_is_found_at_twenty_rows_by_counting(depot):
    judgement = depot("query in a loop")("listing")
    assert judgement.outcome is Outcome.FAILED, judgement.reason
    assert "1: 2, 5: 6, 20: 21" in judgement.findings[0].candidate


def test_rows_go_into_copies_and_the_stacks_stay_as_they_were(depot, tmp_path):
    depot()("listing")
    assert not (tmp_path / "out" / "work" / "baseline.db").read_bytes().count(b"an item")


def test_a_candidate_that_fails_when_it_is_full_is_not_quick(depot):
    judgement = depot("fails when full")("shelves")
    assert judgement.outcome is Outcome.FAILED
    assert judgement.findings[0].what == "fails with more rows"


def test_rows_that_did_not_come_are_an_error(depot):
    with pytest.raises(HarnessError, match="candidate has 0 rows where it should have 1"):
        depot("takes nothing")("listing")


def test_a_lost_index_shows_in_the_plan_of_a_query(depot):
    judgement = depot("no index")("by-shelf")
    assert judgement.outcome is Outcome.FAILED
    assert judgement.findings[0].candidate == "SCAN parcels"


def test_a_counter_that_a_stack_does_not_show_is_an_error(depot):
    with pytest.raises(HarnessError, match="baseline shows no queries"):
        depot("", ("queries: queries_total", "queries: others_total"))("listing")


def test_the_baseline_in_both_roles_is_asked_in_its_own_sql(depot):
    changes = [
        ("candidate: *parcels", "candidate: INSERT INTO boxes SELECT {first} + {last}"),
        ("candidate: SELECT count(*) FROM parcels}", "candidate: SELECT count(*) FROM boxes}"),
        ("candidate: SELECT id FROM parcels WHERE shelf = 7", "candidate: SELECT id FROM boxes WHERE shelf = 7"),
    ]
    judge = depot("", *changes, same=True)
    assert [judge(name).outcome for name in ("listing", "by-shelf")] == [Outcome.PASSED] * 2
    assert judge("shelves").outcome is not Outcome.FAILED
