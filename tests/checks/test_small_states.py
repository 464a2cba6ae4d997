"""A small state that does not fit its schema is found by what does not fit, and what came back is held against what went."""

import pytest

from godwit.checks import judge_fit, judge_small_mappings, judge_way_back
from godwit.plan import Column, Mapping, TableRef
from godwit.verdict import ColumnShape, ForeignKey, Outcome, TableShape

TEAMS = TableShape("teams", (ColumnShape("id", "integer", nullable=False),), unique=(("id",),))
PEOPLE = TableShape(
    "people",
    (
        ColumnShape("id", "integer", nullable=False),
        ColumnShape("name", "text", length=4),
        ColumnShape("tier", "text", choices=("gold", "tin")),
        ColumnShape("team", "integer"),
    ),
    unique=(("id",),),
    references=(ForeignKey(("team",), "teams", ("id",)),),
)
ANNA = {"id": 1, "name": "Anna", "tier": "tin", "team": 7}


def fit(*people):
    return judge_fit((TEAMS, PEOPLE), {"teams": [{"id": 7}], "people": list(people)})


@pytest.mark.parametrize(
    ("people", "what"),
    [
        pytest.param([ANNA | {"id": None}], "NULL where the schema takes none", id="null"),
        pytest.param([ANNA | {"id": "1"}], "value of another type", id="type"),
        pytest.param([ANNA | {"name": "Annabel"}], "text longer than its column", id="length"),
        pytest.param([ANNA | {"tier": "lead"}], "value outside its choices", id="choice"),
        pytest.param([ANNA, ANNA], "key comes twice", id="twice"),
        pytest.param([ANNA | {"team": 8}], "row refers to nothing", id="orphan"),
    ],
)
def test_a_row_that_does_not_fit_is_found(people, what):
    assert fit(ANNA, {"id": 2}).outcome is Outcome.PASSED
    assert [it.what for it in fit(*people).findings] == [what]


def test_what_does_not_come_back_is_found_unless_it_is_declared_lossy():
    before, after = {"people": [ANNA]}, {"people": [ANNA | {"tier": None}]}
    assert judge_way_back(before, after, ())[0].outcome is Outcome.FAILED
    judgement, lost = judge_way_back(before, after, ("people.tier", "people.name"))
    assert (judgement.outcome, lost) == (Outcome.PASSED, {"people.tier"})


def test_rows_that_a_mapping_makes_of_nothing_are_found():
    mapping = Mapping(
        id="m", sentence="S.", source=TableRef(table="a", key=("id",)), target=TableRef(table="b", key=("id",)),
        columns=(Column(column="id"),), kind="one-to-one",
    )  # fmt: skip
    assert judge_small_mappings([mapping], {}, {"a": []}, {"b": []}).outcome is Outcome.PASSED
    assert judge_small_mappings([mapping], {}, {"a": []}, {"b": [{"id": 1}]}).outcome is Outcome.FAILED
    assert judge_small_mappings([mapping], {}, {"a": [{"id": 1}]}, {"b": []}).outcome is Outcome.FAILED
