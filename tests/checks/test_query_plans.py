"""A whole read or a sort that the baseline's plan does not have is a finding; without an index there nothing can be lost."""

import pytest

from godwit.checks import judge_query_plan
from godwit.plan import QueryPlan
from godwit.verdict import Access, Outcome

QUERY = QueryPlan(id="by-team", sentence="A team's work", baseline="SELECT 1", candidate="SELECT 1")
ORDERED = QUERY.model_copy(update={"baseline": "SELECT id FROM work\nORDER  BY id"})
SEARCH = Access("work", "search", "SEARCH work USING INDEX by_team (team=?)")
WALK = Access("work", "walk", "SCAN work USING INDEX by_id")
SCAN = Access("work", "scan", "SCAN work")
SORT = Access("", "sort", "USE TEMP B-TREE FOR ORDER BY")


@pytest.mark.parametrize(
    ("query", "baseline", "candidate", "outcome"),
    [
        pytest.param(QUERY, [SEARCH], [SEARCH], Outcome.PASSED, id="same"),
        pytest.param(QUERY, [SEARCH], [SCAN], Outcome.FAILED, id="lost-index"),
        pytest.param(QUERY, [SEARCH], [WALK], Outcome.FAILED, id="whole-index-is-read"),
        pytest.param(QUERY, [SCAN, SEARCH], [SEARCH, SCAN], Outcome.PASSED, id="as-many-whole-reads"),
        pytest.param(QUERY, [SCAN, SEARCH], [SCAN, SCAN], Outcome.FAILED, id="one-more-whole-read"),
        pytest.param(ORDERED, [WALK], [WALK], Outcome.PASSED, id="in-order"),
        pytest.param(ORDERED, [WALK], [SCAN, SORT], Outcome.FAILED, id="sorted-now"),
        pytest.param(ORDERED, [SEARCH], [SEARCH, SORT], Outcome.FAILED, id="sorted-after-a-search"),
        pytest.param(QUERY, [SCAN], [SCAN], Outcome.INCONCLUSIVE, id="no-index-to-lose"),
        pytest.param(QUERY, [WALK], [WALK], Outcome.INCONCLUSIVE, id="whole-index-already"),
        pytest.param(QUERY, [], [SCAN], Outcome.INCONCLUSIVE, id="nothing-said"),
        pytest.param(QUERY, [SEARCH], [], Outcome.INCONCLUSIVE, id="nothing-said-by-the-candidate"),
    ],
)
def test_plans_are_compared_by_what_they_read(query, baseline, candidate, outcome):
    assert judge_query_plan(query, baseline, candidate).outcome is outcome
