"""Counts for each group, sums, links, uniqueness, owners and orders are judged by the rows of both sides."""

from decimal import Decimal
from typing import Any

import pytest

from godwit.checks import judge_invariant, judge_order, judge_owners, judge_references, judge_tallies, judge_unique
from godwit.plan import Invariant, Link, Owned, Owners, References, SameOrder, Tallies, Tally, Unique
from godwit.verdict import Outcome

TASKS = [{"id": n, "status": "open" if n % 2 else "done", "hours": n / 10, "owner": f"o{n % 3}"} for n in range(9)]
ITEMS = [{**row, "status": {"open": "todo"}.get(row["status"], row["status"])} for row in TASKS]


def tallies(column: str | None = None) -> Tallies:
    return Tallies(
        baseline=Tally(table="tasks", group=("status",), sum=column),
        candidate=Tally(table="items", group=("status",), sum=column),
        values={"open": "todo"},
    )


@pytest.mark.parametrize("column", [pytest.param(None, id="rows"), pytest.param("hours", id="sum")])
def test_equal_groups_pass_and_a_lost_row_is_found_in_its_group(column: str | None) -> None:
    assert judge_tallies(tallies(column), {"tasks": TASKS}, {"items": ITEMS[::-1]}).outcome is Outcome.PASSED
    (finding,) = judge_tallies(tallies(column), {"tasks": TASKS}, {"items": ITEMS[:-1]}).findings
    assert finding.where == "items(done)"


def test_sums_of_decimals_and_doubles_are_the_same() -> None:
    sums = Tallies(baseline=Tally(table="a", sum="v"), candidate=Tally(table="b", sum="v"))
    ours, theirs = [{"v": 0.1}] * 3, [{"v": Decimal("0.3")}]
    assert judge_tallies(sums, {"a": ours}, {"b": theirs}).outcome is Outcome.PASSED
    assert judge_tallies(sums, {"a": []}, {"b": []}).outcome is Outcome.INCONCLUSIVE


LINK = Link(table="steps", columns=("item",), to_table="items", to_columns=("id",))


def test_a_link_to_no_row_is_found_unless_the_baseline_has_the_same_orphan() -> None:
    target = {"items": [{"id": 1}], "steps": [{"item": 1}, {"item": 2}, {"item": None}]}
    (finding,) = judge_references(References(candidate=LINK), {}, target).findings
    assert (finding.where, finding.examples, finding.count) == ("steps.item", ("2",), 1)
    both = References(candidate=LINK, baseline=LINK)
    assert judge_references(both, target, target).outcome is Outcome.PASSED
    more = {**target, "steps": [*target["steps"], {"item": 2}]}
    assert judge_references(both, target, more).outcome is Outcome.FAILED
    assert judge_references(References(candidate=LINK), {}, {"items": [], "steps": []}).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("fold", "rows", "outcome"),
    [
        pytest.param(False, ["a", "A", None, None], Outcome.PASSED, id="exact"),
        pytest.param(True, ["a", "A"], Outcome.FAILED, id="folded"),
        pytest.param(False, ["a", "a"], Outcome.FAILED, id="twice"),
        pytest.param(False, [None], Outcome.INCONCLUSIVE, id="nothing"),
    ],
)
def test_values_that_two_rows_share_are_found(fold: bool, rows: list[Any], outcome: Outcome) -> None:
    unique = Unique(table="t", columns=("name",), ignore_case=fold)
    assert judge_unique(unique, {"t": [{"name": name} for name in rows]}).outcome is outcome


def test_a_row_that_went_to_another_owner_is_found() -> None:
    owners = Owners(
        baseline=Owned(table="tasks", key=("id",), owner=("owner",)),
        candidate=Owned(table="items", key=("id",), owner=("owner",)),
    )
    assert judge_owners(owners, {"tasks": TASKS}, {"items": ITEMS}).outcome is Outcome.PASSED
    wider = [{**row, "owner": "everybody"} for row in ITEMS]
    (finding,) = judge_owners(owners, {"tasks": TASKS}, {"items": wider}).findings
    assert (finding.where, finding.reason, finding.count) == ("items.owner", "all became 'everybody'", 9)
    assert judge_owners(owners, {"tasks": []}, {"items": []}).outcome is Outcome.INCONCLUSIVE
    nobodys = [{**row, "owner": None} for row in TASKS]
    assert judge_owners(owners, {"tasks": nobodys}, {"items": nobodys}).outcome is Outcome.INCONCLUSIVE


def test_one_value_with_nothing_to_hold_it_against_is_inconclusive() -> None:
    alone = Invariant(id="count", sentence="S.", candidate="select 7")
    assert judge_invariant(alone, [7]).outcome is Outcome.INCONCLUSIVE
    assert judge_invariant(alone.model_copy(update={"equals": 7}), [7]).outcome is Outcome.PASSED


def test_rows_in_another_order_are_found_at_the_first_place_that_differs() -> None:
    order = Invariant(id="sorted", sentence="S.", same_order=SameOrder(baseline="-", candidate="-"))
    ours = [("a",), ("B",), ("c",)]
    assert judge_order(order, ours, ours).outcome is Outcome.PASSED
    (finding,) = judge_order(order, ours, [("B",), ("a",), ("c",)]).findings
    assert (finding.where, finding.reason) == ("sorted, row 1", "the same rows in another order")
    (finding,) = judge_order(order, ours, ours[:2]).findings
    assert (finding.where, finding.reason) == ("sorted, row 3", "3 and 2 rows")
    assert judge_order(order, [], []).outcome is Outcome.INCONCLUSIVE
