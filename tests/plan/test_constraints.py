"""Constraints mean what they say, decide as early as they can, and nothing in them is run."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from godwit.plan import Space
from godwit.plan.assignments import read_all
from godwit.plan.constraints import Constraint, ConstraintError, Declared, read_constraint

FLAGS = {
    "fast": Declared("bool", (False, True)),
    "share": Declared("percent", (0, 1, 50, 99, 100)),
    "model": Declared("enum", ("small", "large")),
    "teams": Declared("list", ((), ("qa",), ("qa", "core"))),
    "multi-model.on": Declared("bool", (False, True)),
}
DOMAINS = {name: flag.values for name, flag in FLAGS.items()}


def constraint(text: str) -> Constraint:
    return read_constraint(text, FLAGS)


@pytest.mark.parametrize(
    ("text", "case", "truth"),
    [
        ("not (fast and share == 50)", {"fast": True, "share": 50}, False),
        ("not (fast and share == 50)", {"fast": False}, True),
        ("not (fast and share == 50)", {"fast": True}, None),
        ("0 < share <= 50", {"share": 50}, True),
        ("0 < share <= 50", {"share": 0}, False),
        ("model in ['small']", {"model": "large"}, False),
        ("model not in ('small', 'large')", {"model": "large"}, False),
        ("'core' in teams", {"teams": ("qa", "core")}, True),
        ("'core' in teams", {"teams": ["qa"]}, False),
        ("teams", {"teams": ()}, False),
        ("teams == ['qa']", {"teams": ("qa",)}, True),
        ("fast == true", {"fast": True}, True),
        ("fast == multi-model.on", {"fast": True, "multi-model.on": False}, False),
        ("share != -0 or fast", {"share": 0, "fast": True}, True),
        ("fast\nor share", {"fast": False, "share": 0}, False),
    ],
    ids=str,
)
def test_a_constraint_is_true_false_or_not_decided_yet(text: str, case: dict[str, Any], truth: bool | None) -> None:
    assert constraint(text).decide(case) is truth


@pytest.mark.parametrize(
    "text",
    ["().__class__", "fast()", "[x for x in teams]", "lambda: fast", "share ** 9 ** 9 > 1", "fast if fast else fast",
     "f'{fast}'", "(fast := True)", "fast; share", "\0", "(" * 900 + "fast", "a" * 2000, "", "fast == 1", "*fast"],
    ids=lambda text: text[:20].encode("unicode_escape").decode() or "empty",
)  # fmt: skip
def test_whatever_else_python_can_say_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ConstraintError) as refused:
        constraint(text)
    assert "\n" not in str(refused.value)


def test_the_flags_that_a_constraint_names_are_known() -> None:
    assert constraint("fast or multi-model.on or share > 50").names == {"fast", "share", "multi-model.on"}


RULES = st.sampled_from(
    ["not fast or share > 1", "model == 'small' or not fast", "share < 99 or 'qa' in teams", "teams or multi-model.on",
     "not (multi-model.on and share == 100)", "fast == multi-model.on", "share in [0, 50] or fast", "not fast"]
)  # fmt: skip


@given(st.lists(RULES, max_size=5))
@settings(max_examples=60, deadline=None)
def test_what_is_allowed_is_what_trying_every_assignment_says(texts: list[str]) -> None:
    rules = read_all(texts, FLAGS)
    every = list(Space(DOMAINS).assignments())
    allowed = [case for case in every if all(rule.decide(case) for rule in rules)]
    space = Space(DOMAINS, rules)
    assert list(space.assignments()) == allowed
    assert space.count(10_000) == len(allowed)
    for name, values in DOMAINS.items():
        for value in values:
            found = space.completion({name: value, "share": 50} | {name: value})
            wanted = {"share": 50} | {name: value}
            assert (found is not None) == any(case.items() >= wanted.items() for case in allowed)
            assert found is None or found in allowed


def test_a_hundred_flags_that_all_need_one_another_are_decided_at_once() -> None:
    flags = {f"f{n}": Declared("bool", (False, True)) for n in range(100)}
    chain = [f"not f{n} or f{n + 1}" for n in range(99)]
    space = Space({name: flag.values for name, flag in flags.items()}, read_all([*chain, "not f99"], flags))
    assert space.completion({"f0": True}) is None
    assert space.completion({"f0": False}) == dict.fromkeys(flags, False)
