"""Key-value stores compared: what is lost, changed or expires otherwise is found, once for one cause."""

import pytest

from godwit.checks import judge_keys
from godwit.plan import KeySpace
from godwit.verdict import Outcome, StoredKey

SOON = 1_700_000_000_000


def key(value="v", *, kind="string", items=1, expires=None):
    return StoredKey(kind, f"sum of {value}", value, items, expires)


def keys():
    found = {f"session:{number}": key(str(number), expires=SOON) for number in range(30)}
    found |= {f"task:{number}": key(f"ä{number}", kind="hash", items=3) for number in range(20)}
    return found | {"counter": key("7")}


def judge(new, **words):
    given = {"id": "k", "sentence": "Keys are kept", "baseline": "a", "candidate": "b"}
    return judge_keys(KeySpace.model_validate({**given, **words}), keys(), new)


def changed(**changes):
    return {name: changes.get(name.partition(":")[0], lambda it: it)(it) for name, it in keys().items()}


CASES = [
    pytest.param(
        {name: it for name, it in keys().items() if not name.startswith("session")},
        ("keys are missing", 30, "all have an expiry"),
        id="expiring-keys-forgotten",
    ),
    pytest.param(
        changed(session=lambda it: key(it.shown)), ("expiry lost", 30, ""), id="expiry-lost"
    ),
    pytest.param(
        changed(session=lambda it: key(it.shown, expires=SOON + 3_600_000)),
        ("expiry differs", 30, "later than it was"),
        id="expiry-later",
    ),
    pytest.param(
        changed(counter=lambda it: key("7", expires=SOON)), ("expiry gained", 1, ""), id="expiry-gained"
    ),
    pytest.param(
        changed(task=lambda it: key(it.shown.encode().decode("latin-1"), kind="hash", items=3)),
        ("value changed", 20, "taken for Latin-1 and written as UTF-8"),
        id="encoding",
    ),
    pytest.param(
        changed(task=lambda it: key(it.shown, kind="string")), ("type changed", 20, ""), id="type"
    ),
    pytest.param(
        changed(task=lambda it: key(f"{it.shown}.", kind="hash", items=2)),
        ("value changed", 20, "items are missing"),
        id="items",
    ),
    pytest.param(keys() | {"junk": key()}, ("keys are there that the baseline has not", 1, ""), id="extra"),
]  # fmt: skip


@pytest.mark.parametrize(("new", "finding"), CASES)
def test_one_cause_is_one_finding(new, finding):
    assert [(it.what, it.count, it.reason) for it in judge(new).findings] == [finding]


def test_equal_stores_have_no_finding():
    judgement = judge(keys())
    assert judgement.outcome is Outcome.PASSED
    assert judgement.reason == "51 keys compared, no difference; 30 with an expiry"


def test_a_little_later_is_no_finding():
    assert judge(changed(session=lambda it: key(it.shown, expires=SOON + 1500))).outcome is Outcome.PASSED


def test_keys_may_have_new_names_and_some_are_not_looked_at():
    new = {name.replace("session:", "s:v2:"): it for name, it in keys().items() if name != "counter"}
    words = {"renamed": {"session:": "s:v2:"}, "ignore": {"counter": "it counts anew"}}
    assert judge(new, **words).outcome is Outcome.PASSED
    assert judge(new, **words, match="*").outcome is Outcome.PASSED


def test_nothing_to_compare_is_inconclusive():
    assert judge({}, ignore={"*": "nothing matters"}).outcome is Outcome.INCONCLUSIVE
    assert judge(keys(), renamed={"user:": "u:"}).outcome is Outcome.INCONCLUSIVE
