"""Covering arrays are complete, small, free of what is forbidden, and the same for the same seed."""

from collections.abc import Sequence
from itertools import combinations, product
from math import prod
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from godwit.checks.combinations import Cell
from godwit.checks.covering import Row, Wish, covering_array, smaller_arrays
from godwit.verdict import PlanError

SIZES = {
    "3^4": ((3,) * 4, 2, 9),
    "3^13": ((3,) * 13, 2, 16),
    "4^15 3^17 2^29": ((4,) * 15 + (3,) * 17 + (2,) * 29, 2, 30),
    "4^1 3^39 2^35": ((4,) + (3,) * 39 + (2,) * 35, 2, 23),
    "2^100": ((2,) * 100, 2, 11),
    "10^20": ((10,) * 20, 2, 201),
    "2^10 by three": ((2,) * 10, 3, 12),
    "3^8 by three": ((3,) * 8, 3, 57),
}
WORK = 2000


def wish(sizes: tuple[int, ...], strength: int, **more: Any) -> Wish:
    return Wish(sizes, ((tuple(range(len(sizes))), strength),), **more)


def held(rows: tuple[Row, ...], columns: tuple[int, ...]) -> set[Row]:
    return {tuple(row[column] for column in columns) for row in rows}


def holds(row: Row, cells: Sequence[Cell]) -> bool:
    return all(row[column] == value for column, value in cells)


@pytest.mark.parametrize("name", SIZES)
def test_a_published_model_takes_no_more_rows_than_aimed_at(name: str) -> None:
    sizes, strength, most = SIZES[name]
    rows = covering_array(wish(sizes, strength), 1, WORK)
    assert len(rows) <= most
    for columns in combinations(range(len(sizes)), strength):
        assert len(held(rows, columns)) == prod(sizes[column] for column in columns)


def test_the_same_seed_gives_the_same_rows_and_another_one_others() -> None:
    ask = wish((4, 3, 3, 2, 2, 2), 2, forbidden=(((0, 1), (3, 1)),))
    assert covering_array(ask, 3, WORK) == covering_array(ask, 3, WORK)
    assert covering_array(ask, 3, WORK) != covering_array(ask, 4, WORK)


def test_more_work_never_takes_more_rows() -> None:
    sizes = [len(rows) for rows in smaller_arrays(wish((3,) * 13, 2), 5, WORK)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) > 1


def test_a_stronger_group_is_covered_at_its_own_strength() -> None:
    ask = Wish((2,) * 8, ((tuple(range(8)), 2), ((1, 3, 5, 7), 4), ((0, 2, 4), 3)))
    rows = covering_array(ask, 1, WORK)
    assert len(held(rows, (1, 3, 5, 7))) == 16
    assert len(held(rows, (0, 2, 4))) == 8
    assert all(len(held(rows, pair)) == 4 for pair in combinations(range(8), 2))


def test_rows_that_must_be_come_first_and_are_filled() -> None:
    ask = wish((3, 3, 2, 2), 2, must=(((0, 2), (2, 1)), ((1, 0),)))
    rows = covering_array(ask, 1, WORK)
    assert rows[0][0] == 2
    assert rows[0][2] == 1
    assert rows[1][1] == 0


def test_a_chain_of_a_hundred_columns_has_only_the_rows_that_it_allows() -> None:
    chain = tuple(((n, 1), (n + 1, 0)) for n in range(29))
    rows = covering_array(wish((2,) * 30, 2, forbidden=chain), 1, 100)
    assert sorted(rows) == [(0,) * (30 - ones) + (1,) * ones for ones in range(31)]


@st.composite
def wishes(draw: Any) -> Wish:
    """Small models with forbidden sets of one to three cells, mixed strength and rows that must be."""
    sizes = tuple(draw(st.lists(st.integers(1, 4), min_size=2, max_size=6)))
    cell = st.integers(0, len(sizes) - 1).flatmap(lambda c: st.tuples(st.just(c), st.integers(0, sizes[c] - 1)))
    sets = st.lists(cell, min_size=1, max_size=3, unique_by=lambda each: each[0]).map(tuple)
    groups = [(tuple(range(len(sizes))), draw(st.integers(1, min(3, len(sizes)))))]
    if draw(st.booleans()):
        columns = draw(st.lists(st.integers(0, len(sizes) - 1), min_size=2, max_size=4, unique=True))
        groups.append((tuple(columns), len(columns)))
    return Wish(sizes, tuple(groups), tuple(draw(st.lists(sets, max_size=6))), tuple(draw(st.lists(sets, max_size=2))))


@given(wishes(), st.integers(0, 5), st.sampled_from([0, 60]))
@settings(max_examples=80, deadline=None)
def test_every_allowed_combination_stands_in_a_row_and_nothing_forbidden_does(ask: Wish, seed: int, work: int) -> None:
    allowed = [
        row for row in product(*map(range, ask.sizes))
        if not any(holds(row, cells) for cells in ask.forbidden)
    ]  # fmt: skip
    if not all(any(holds(row, part) for row in allowed) for part in ask.must):
        with pytest.raises(PlanError):
            covering_array(ask, seed, work)
        return
    rows = covering_array(ask, seed, work)
    assert set(rows) <= set(allowed)
    assert all(any(holds(row, part) for row in rows) for part in ask.must)
    for columns, strength in ask.groups:
        for chosen in combinations(columns, strength):
            assert held(rows, chosen) == held(tuple(allowed), chosen)
