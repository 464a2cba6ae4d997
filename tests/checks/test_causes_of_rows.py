"""What is wrong with rows is grouped by its likeliest cause, and every bad key is listed, the smallest first."""

import datetime as dt
import html
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from godwit.checks import Pairing, Sameness, compare, compare_rows
from godwit.verdict import Judgement, Outcome

TEXTS = ("naïve", "Zoë ", "plain", "İstanbul")


def changed(values: list[Any], others: list[Any]) -> list[tuple[str, int]]:
    """The causes found in one column, with their counts."""
    sides = [[{"id": n, "v": value} for n, value in enumerate(side)] for side in (values, others)]
    found = compare_rows(sides[0], sides[1], ("id",), "t", ("id", "v")).findings
    return [(it.reason, it.count) for it in found]


@pytest.mark.parametrize(
    ("values", "accident", "cause"),
    [
        pytest.param(range(1, 9), lambda value: value * 100, "multiplied by 100", id="cents"),
        pytest.param(range(10, 90, 10), lambda value: value // 10, "divided by 10", id="tenths"),
        pytest.param((0.126, 2.5004, 3.999), lambda value: round(value, 2), "rounded to 2 decimal(s)", id="rounded"),
        pytest.param((0.129, 2.509, 3.999), lambda value: int(value * 100) / 100, "cut to 2 decimal(s)", id="cut-decimals"),
        pytest.param((Decimal("1.10"), Decimal("2.25")), int, "cut to 0 decimal(s)", id="whole"),
        pytest.param((2**40 + 70000, 2**41 + 80007), lambda value: value % 2**32, "overflowed 32 bits", id="overflow"),
        pytest.param((2**40 + 70000, 2**41 + 80007), lambda _: 2**31 - 1, "capped at 32 bits", id="capped"),
        pytest.param((0.1, 1.7, 2.3), lambda value: float(f"{value:.20e}") + 1e-12, "changed in the last digits", id="digits"),
        pytest.param((0, 1, 1, 0), lambda value: 1 - value, "inverted", id="inverted"),
        pytest.param((5, -3, 8), lambda value: -value, "sign changed", id="sign"),
        pytest.param(
            ("2025-01-02T03:04:05.678901Z", "2025-01-02T03:04:06.5Z"),
            lambda value: value[:19] + "Z",
            "fraction of seconds was lost",
            id="fraction",
        ),
        pytest.param(
            ("2025-01-02T03:04:05+02:00", "2025-01-02T03:04:06-05:00"),
            lambda value: value[:19] + "+00:00",
            "the clock's time was kept, the offset changed",
            id="offset-replaced",
        ),
        pytest.param(
            ("2025-01-02T03:04:05", "2025-03-04T03:04:05"),
            lambda value: f"{value[:5]}{value[8:10]}-{value[5:7]}{value[10:]}",
            "day and month were swapped",
            id="day-and-month",
        ),
        pytest.param(
            ("2025-01-02T03:04:05", "2025-03-04T05:06:07"), lambda value: f"{value[:10]}T00:00:00", "time of day was lost", id="date"
        ),
        pytest.param(
            ("2025-01-02T03:04:05Z", "2025-03-04T05:06:07Z"),
            lambda value: int(dt.datetime.fromisoformat(value).timestamp()),
            "time became seconds since 1970",
            id="epoch",
        ),
        pytest.param((None, None), lambda _: 3, "NULL was filled in with 3", id="default"),
        pytest.param((None, None), lambda _: "None", "NULL became the text 'None'", id="none"),
        pytest.param(TEXTS, str.upper, "case folded: all capital letters", id="capitals"),
        pytest.param(("a & b", "<x>"), html.escape, "escaped for HTML", id="html"),
        pytest.param(('{"a": 1, "b": 2}', '{"a": 3, "b": 4}'), lambda value: value.split(",")[0] + "}", "JSON lost b", id="json"),
        pytest.param(
            ('{"n": 9007199254740993}', "[9007199254740995]"),
            lambda value: value.replace("993", "992").replace("995", "996"),
            "large numbers inside were rounded to doubles",
            id="json-number",
        ),
        pytest.param(("a\r\nb", "c\r\n"), lambda value: value.replace("\r", ""), "line ends were changed", id="lines"),
        pytest.param(("é🚀", "🚀ñ"), lambda value: value.replace("🚀", "?"), "characters past U+FFFF were replaced", id="beyond"),
        pytest.param(("crème", "Zoë"), lambda value: value.replace("è", "e").replace("ë", "e"), "accents were lost", id="accents"),
        pytest.param(("a", "b"), lambda value: f'"{value}"', "encoded as JSON once more", id="json-again"),
        pytest.param((b"\x00\xff", b"x"), bytes.hex, "bytes became hexadecimal text", id="hex"),
        pytest.param(("x", "y", "z"), lambda _: "w", "all became 'w'", id="one-value"),
    ],
)  # fmt: skip
def test_an_accident_in_many_rows_is_one_cause(values: Any, accident: Callable[[Any], Any], cause: str) -> None:
    rows = list(values)
    spoiled = [accident(value) for value in rows]
    bad = sum(one != other for one, other in zip(rows, spoiled, strict=True))
    assert changed(rows, spoiled) == [(cause, bad)]


def test_the_cause_that_fits_most_cells_is_taken_and_the_rest_is_told_apart() -> None:
    values = [f"text number {n}" for n in range(6)] + ["Big", "BIGGER"]
    others = [value[:6] for value in values[:6]] + ["big", "bigger"]
    assert set(changed(values, others)) == {("cut after 6 characters", 6), ("case folded: all small letters", 2)}


def test_values_that_went_to_other_rows_are_one_cause() -> None:
    assert changed(["ana", "bo", "çelik", "李雷"], ["bo", "çelik", "李雷", "ana"]) == [
        ("values were given to other rows", 4)
    ]


def test_swapped_columns_are_told() -> None:
    one = [{"id": n, "a": f"x{n}", "b": f"y{n}"} for n in range(3)]
    other = [{"id": row["id"], "a": row["b"], "b": row["a"]} for row in one]
    found = compare_rows(one, other, ("id",), "t", ("id", "a", "b")).findings
    assert {(it.where, it.reason) for it in found} == {("t.a", "swapped with b"), ("t.b", "swapped with a")}


@pytest.mark.parametrize(
    ("lost", "reason"),
    [
        pytest.param(range(30, 40), "the last 10 in the order of id", id="end"),
        pytest.param(range(7), "the first 7 in the order of id", id="start"),
        pytest.param(range(9, 15), "one stretch of 6 in the order of id", id="stretch"),
        pytest.param(range(3, 40, 8), "every 8th in the order of id", id="every-8th"),
    ],
)
def test_rows_that_are_missing_by_their_place_are_told_so(lost: range, reason: str) -> None:
    rows = [{"id": n, "v": n * 37 % 41} for n in range(40)]
    kept = [row for row in rows if row["id"] not in lost]
    (finding,) = compare_rows(rows, kept, ("id",), "t", ("id", "v")).findings
    assert (finding.what, finding.count, finding.reason) == ("rows are missing", len(lost), reason)


def test_a_lost_range_of_another_column_is_told() -> None:
    rows = [{"id": n * 7 % 31, "day": f"2025-01-{n + 1:02}"} for n in range(28)]
    kept = [row for row in rows if not "2025-01-10" <= row["day"] <= "2025-01-14"]
    (finding,) = compare_rows(rows, kept, ("id",), "t", ("id", "day")).findings
    assert finding.reason == "all have day from '2025-01-10' to '2025-01-14', and no other row has"


@pytest.mark.parametrize(
    ("keys", "made", "what", "reason"),
    [
        pytest.param(("Ab", "cD"), ("ab", "cd"), "key was changed", "case folded: all small letters", id="case"),
        pytest.param((1, 2), ("1", "2"), "key was changed", "number became text", id="type"),
        pytest.param((7, 8, 9), (107, 108, 109), "key was changed", "shifted by +100", id="shift"),
        pytest.param((2**53 + 1, 2**53 + 3), (2**53, 2**53 + 4), "key was changed", "rounded to a double", id="double"),
        pytest.param(("abcdef", "ghijkl"), ("abcd", "ghij"), "key was changed", "cut after 4 characters", id="cut"),
        pytest.param(("ab1", "ab2", "c"), ("ab", "c"), "key was changed", "cut after 2 characters; several became one", id="two"),
        pytest.param((1, 2), (), "rows are missing", "no row is there", id="nothing"),
        pytest.param(("A", "a"), ("a",), "rows are missing", "their keys equal others' when case folded: all small letters", id="one"),
    ],
)  # fmt: skip
def test_keys_that_were_changed_are_not_taken_for_lost_rows(
    keys: tuple[Any, ...], made: tuple[Any, ...], what: str, reason: str
) -> None:
    one, other = ([{"id": key} for key in side] for side in (keys, made))
    (finding,) = compare_rows(one, other, ("id",), "t", ("id",)).findings
    assert (finding.what, finding.reason) == (what, reason)


def multiset(one: list[Any], other: list[Any], *columns: str) -> Judgement:
    return compare_rows(one, other, (), "t", columns)


def test_rows_without_a_key_are_compared_as_a_multiset() -> None:
    rows = [{"a": n % 3, "b": "x"} for n in range(9)]
    assert multiset(rows, rows[::-1], "a", "b").outcome is Outcome.PASSED
    found = multiset(rows, [*rows[1:], {"a": 7, "b": "y"}], "a", "b").findings
    assert {(it.what, it.count) for it in found} == {("rows are missing", 1), ("rows are extra", 1)}


def test_without_a_key_a_change_of_one_column_is_still_grouped_by_its_cause() -> None:
    one = [{"name": f"n{n}", "v": n} for n in range(20)]
    other = [{"name": row["name"], "v": row["v"] + 1} for row in one]
    (finding,) = multiset(one, other, "name", "v").findings
    assert (finding.where, finding.reason, finding.count) == ("t.v", "shifted by +1", 20)


def test_null_keys_and_keys_that_come_twice_are_held_against_one_another() -> None:
    rows = [{"id": None, "v": 1}, {"id": None, "v": 2}, {"id": 1, "v": 3}, {"id": 1, "v": 3}]
    assert compare_rows(rows, rows[::-1], ("id",), "t", ("id", "v")).outcome is Outcome.PASSED
    found = compare_rows(rows, rows[1:], ("id",), "t", ("id", "v")).findings
    assert [(it.what, it.count, it.examples) for it in found] == [("rows of one key are missing", 1, ("None",))]
    found = compare_rows(rows, [*rows, rows[2]], ("id",), "t", ("id", "v")).findings
    assert [(it.what, it.count, it.examples) for it in found] == [("key comes twice", 1, ("1",))]


@pytest.mark.parametrize(
    ("rule", "one", "other"),
    [
        pytest.param(Sameness(tolerance=0.01), 1.0, 1.009, id="number"),
        pytest.param(Sameness(tolerance=0), "2025-01-01T01:00:00+01:00", "2025-01-01T00:00:00Z", id="instant"),
        pytest.param(Sameness(tolerance=1), "2025-01-01T00:00:00Z", "2025-01-01T00:00:00.9Z", id="seconds"),
        pytest.param(Sameness(collation=("ignore-case",)), "STRASSE", "straße", id="case"),
        pytest.param(Sameness(collation=("ignore-accents", "ignore-case")), "Zoë", "zoe", id="accents"),
        pytest.param(Sameness(collation=("ignore-trailing-spaces",)), "a", "a  ", id="spaces"),
        pytest.param(Sameness(collation=("ignore-normalisation",)), "é", "e\u0301", id="normalisation"),
    ],
)
def test_what_does_not_count_is_passed_over(rule: Sameness, one: Any, other: Any) -> None:
    sides = [{"id": 1, "v": one}], [{"id": 1, "v": other}]
    assert compare_rows(*sides, ("id",), "t", ("v",)).outcome is Outcome.FAILED
    assert compare_rows(*sides, ("id",), "t", ("v",), {"v": rule}).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(1.0, 1.02, id="number"),
        pytest.param("2025-01-01T00:00:00Z", "2025-01-01T00:00:02Z", id="time"),
        pytest.param("1.0", 1.0, id="type"),
        pytest.param(None, 0.0, id="null"),
        pytest.param("2025-01-01T00:00:00Z", "2025-01-01T00:00:00", id="zone"),
    ],
)
def test_a_tolerance_passes_over_nothing_else(one: Any, other: Any) -> None:
    assert not Sameness(tolerance=0.01).holds(one, other)


def test_every_bad_key_is_listed_with_the_smallest_first_in_each_group() -> None:
    one = [{"id": n, "v": "x" * (n + 1)} for n in range(40)]
    other = [{"id": n, "v": f"{'x' * (n + 1)} "} for n in range(30, 0, -1)]
    compared = compare(one, other, Pairing("t", ("id",), ("id", "v")))
    cells = [key for key in compared.bad if key.what == "cell changed"]
    assert [key.key for key in cells] == [str(n) for n in range(1, 31)]
    assert (cells[0].column, cells[0].expected, cells[0].actual, cells[0].cause) == (
        "v",
        "'xx'",
        "'xx '",
        "spaces changed",
    )
    assert len([key for key in compared.bad if key.what == "rows are missing"]) == 10


cells = st.none() | st.integers(-3, 3) | st.text("ab é", max_size=3)
bags = st.lists(st.fixed_dictionaries({"k": st.none() | st.integers(0, 3), "v": cells}), max_size=8)


@given(bags, st.randoms())
def test_the_order_of_rows_never_counts(rows: list[dict[str, Any]], chance: Any) -> None:
    other = list(rows)
    chance.shuffle(other)
    for key in ((), ("k",)):
        outcome = Outcome.PASSED if rows else Outcome.INCONCLUSIVE
        assert compare_rows(rows, other, key, "t", ("k", "v")).outcome is outcome


@given(bags, bags)
def test_different_multisets_are_never_taken_for_the_same(one: list[Any], other: list[Any]) -> None:
    counted = [sorted(repr((row["k"], row["v"])) for row in rows) for rows in (one, other)]
    for key in ((), ("k",)):
        judgement = compare_rows(one, other, key, "t", ("k", "v"))
        assert (judgement.outcome is Outcome.FAILED) is (counted[0] != counted[1])
