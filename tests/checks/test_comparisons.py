"""What the row engine saw becomes findings: by cause, with exact counts; nothing seen is no pass."""

from decimal import Decimal

import pytest

from godwit.checks import judge_comparison
from godwit.plan import Comparison, RowSource
from godwit.verdict import Outcome
from godwit.verdict.compared import Changed, ChangedColumn, ComparedTables, Surplus

ASKED = Comparison(
    id="orders", sentence="s", baseline=RowSource(store="a.csv"), candidate=RowSource(store="b.csv"), key=("id",)
)
NONE = Surplus(0, 0, (), {})


def _seen(**words):
    plain = {
        "baseline_rows": 2000,
        "candidate_rows": 2000,
        "columns": 3,
        "missing": NONE,
        "extra": NONE,
        "changed_rows": 0,
        "changed": (),
        "absent": (),
        "notes": ("each side as it was at one moment",),
        "listed": 0,
        "evidence": "",
    }
    return ComparedTables(**{**plain, **words})


def _judged(**words):
    return judge_comparison(ASKED, _seen(**words))


def test_equal_tables_pass_and_tell_how_they_were_compared():
    found = _judged()
    assert found.outcome == Outcome.PASSED
    assert found.reason == (
        "2000 rows of orders compared, no difference; 3 column(s); each side as it was at one moment"
    )


def test_two_empty_tables_are_inconclusive():
    assert _judged(baseline_rows=0, candidate_rows=0).outcome == Outcome.INCONCLUSIVE


@pytest.mark.parametrize(("one", "other"), [(5, 0), (0, 5)], ids=["candidate", "baseline"])
def test_one_empty_table_fails(one, other):
    side = {"missing": Surplus(5, 0, ((1,),), {})} if one else {"extra": Surplus(5, 0, ((1,),), {})}
    assert _judged(baseline_rows=one, candidate_rows=other, **side).outcome == Outcome.FAILED


def test_cells_that_moved_alike_are_one_finding_with_its_cause_and_five_keys():
    cells = tuple(Changed((n,), Decimal(n), Decimal(n + 1)) for n in range(1204))
    finding = _judged(changed=(ChangedColumn("total", 1204, cells),), changed_rows=1204).findings[0]
    assert (finding.where, finding.reason, finding.count) == ("orders.total", "shifted by +1", 1204)
    assert finding.examples == ("0", "1", "2", "3", "4")


def test_cells_that_were_not_handed_on_still_count():
    cells = (Changed((1,), "a", "b"),)
    findings = _judged(changed=(ChangedColumn("name", 7, cells),)).findings
    assert sorted(finding.count for finding in findings) == [1, 6]


def test_texts_that_are_the_same_json_are_no_difference():
    cells = (Changed((1,), '{"a": 1, "b": 2}', '{"b":2,"a":1}'),)
    assert _judged(changed=(ChangedColumn("data", 1, cells),), changed_rows=1).outcome == Outcome.PASSED


def test_rows_that_come_again_are_told_from_new_ones():
    found = _judged(extra=Surplus(3, 2, ((7,), (7,), (9,)), {}))
    assert {(finding.what, finding.count) for finding in found.findings} == {
        ("rows are extra", 1),
        ("a key comes more often", 2),
    }


def test_what_all_missing_rows_share_is_the_reason():
    finding = _judged(missing=Surplus(40, 0, ((3,), (10,)), {"team": 3})).findings[0]
    assert finding.reason == "all have team = 3, and no other row has"


def test_a_column_that_is_missing_fails_though_all_rows_are_there():
    found = _judged(absent=("note",))
    assert (found.outcome, found.findings[0].where) == (Outcome.FAILED, "orders.note")


def test_the_reason_names_the_list_of_all_differences():
    found = _judged(missing=Surplus(1, 0, ((3,),), {}), listed=1, evidence="orders.csv")
    assert "1 difference(s) listed in comparisons/orders.csv" in found.reason
