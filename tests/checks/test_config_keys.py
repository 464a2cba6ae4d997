"""Every key of an old configuration is somewhere in the new one, or the plan says why not; nothing vanishes silently."""

import pytest

from godwit.checks import Config, Conversion, Refusal, judge_config, judge_conversion, judge_refusals
from godwit.plan import ConfigFile
from godwit.verdict import Ended, Outcome

OLD = {"server": {"host": "localhost", "port": 8080}, "debug": False, "plugins": ["a", "b"], "legacy": {"x": 1, "y": 2}}


def judged(new, old=OLD, *, typed=(True, True), **words):
    file = ConfigFile.model_validate({"id": "main", "file": "old.json", "convert": ("it",)} | words)
    return judge_config(file, Config(old, typed[0]), Config(new, typed[1]))


def shown(judgement):
    return [(it.what, it.where, it.baseline, it.candidate) for it in judgement.findings]


def test_a_config_that_says_the_same_holds():
    assert judged(OLD).outcome is Outcome.PASSED


def test_everything_stated_holds_and_is_told():
    new = {"listen": {"host": "localhost", "port": 80}, "debug": True, "plugins": ["a", "b"], "fresh": 1}
    judgement = judged(
        new,
        mapped={"server": "listen"},
        changed={"server.port": 80},
        defaulted={"debug": True},
        dropped={"legacy": "nobody reads it"},
    )
    assert judgement.outcome is Outcome.PASSED
    assert judgement.reason.endswith("2 mapped; 1 defaulted; dropped: legacy (nobody reads it); 1 new")


@pytest.mark.parametrize(
    ("new", "words", "finding"),
    [
        pytest.param(
            {key: value for key, value in OLD.items() if key != "debug"},
            {},
            ("key vanished", "debug", "false", "(absent)"),
            id="vanished",
        ),
        pytest.param(
            OLD | {"server": {"host": "localhost", "port": "8080"}},
            {},
            ("type: integer became string", "server.port", "8080", '"8080"'),
            id="type",
        ),
        pytest.param(
            OLD | {"debug": 0}, {}, ("type: boolean became integer", "debug", "false", "0"), id="boolean-and-integer"
        ),
        pytest.param(OLD | {"plugins": ["b", "a"]}, {}, ("value", "plugins", '["a", "b"]', '["b", "a"]'), id="order"),
        pytest.param(OLD | {"debug": None}, {}, ("type: boolean became null", "debug", "false", "null"), id="null"),
        pytest.param(OLD, {"changed": {"debug": True}}, ("value", "debug", "true", "false"), id="not-as-stated"),
        pytest.param(OLD, {"mapped": {"debug": "log.debug"}}, ("key vanished", "debug", "false", "(absent)"), id="not-moved"),
    ],
)  # fmt: skip
def test_what_is_not_as_stated_is_one_finding(new, words, finding):
    judgement = judged(new, **words)
    assert judgement.outcome is Outcome.FAILED
    assert shown(judgement) == [finding]


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        pytest.param("8080", 8080, True, id="integer"),
        pytest.param("8080", 8081, False, id="another-integer"),
        pytest.param("0.50", 0.5, True, id="number"),
        pytest.param("yes", True, True, id="word-for-true"),
        pytest.param("yes", False, False, id="word-for-the-other"),
        pytest.param("a, b", ["a", "b"], True, id="list"),
        pytest.param("", None, True, id="nothing"),
        pytest.param("x", "x", True, id="text"),
        pytest.param("x", "X", False, id="another-text"),
    ],
)
def test_a_format_without_types_may_get_them(text, value, holds):
    outcome = judged({"a": {"k": value}}, {"a": {"k": text}}, typed=(False, True)).outcome
    assert outcome is (Outcome.PASSED if holds else Outcome.FAILED)


@pytest.mark.parametrize("table", ["mapped", "changed", "defaulted", "dropped"])
def test_a_plan_that_speaks_of_other_keys_is_inconclusive(table):
    judgement = judged(OLD, **{table: {"sever.port": "x"}})
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "sever.port" in judgement.reason


def test_an_empty_config_is_inconclusive():
    assert judged({}, {}).outcome is Outcome.INCONCLUSIVE


GOOD = Conversion(Ended(0), True, True, "", Ended(0), True, True)


@pytest.mark.parametrize(
    "conversion",
    [
        pytest.param(GOOD, id="same-again"),
        pytest.param(Conversion(Ended(0), True, True, "", Ended(2), False, False), id="refused-again"),
    ],
)
def test_a_conversion_that_may_be_repeated_holds(conversion):
    assert judge_conversion(conversion, 5).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("conversion", "what"),
    [
        pytest.param(Conversion(Ended(3), True, True), "conversion failed", id="exit"),
        pytest.param(Conversion(Ended(-9, timed_out=True), True, False), "did not end", id="hangs"),
        pytest.param(Conversion(Ended(0), True, False), "conversion left no file", id="nothing"),
        pytest.param(Conversion(Ended(0), True, True, "no TOML"), "what was converted is malformed", id="malformed"),
        pytest.param(
            Conversion(Ended(0), False, True, "", Ended(0), True, True), "the old file was changed", id="touches"
        ),
        pytest.param(
            Conversion(Ended(0), True, True, "", Ended(0), True, False), "converting again changes", id="again"
        ),
        pytest.param(
            Conversion(Ended(0), True, True, "", Ended(1), True, False), "refused, but left a half result", id="half"
        ),
        pytest.param(Conversion(Ended(0), True, True, "", Ended(-9, timed_out=True)), "did not end", id="hangs-again"),
    ],
)
def test_a_conversion_that_goes_wrong_is_found(conversion, what):
    assert [it.what for it in judge_conversion(conversion, 5).findings] == [what]


@pytest.mark.parametrize(
    ("refusal", "what"),
    [
        pytest.param(Refusal("cut", Ended(0), False), ["malformed file accepted"], id="accepted"),
        pytest.param(Refusal("cut", Ended(1), False), ["refused without a word"], id="silent"),
        pytest.param(Refusal("cut", Ended(1, stderr="no\n"), True), ["left a half result"], id="half"),
        pytest.param(Refusal("cut", Ended(-9, timed_out=True), False), ["did not end"], id="hangs"),
        pytest.param(Refusal("cut", Ended(1, stderr="no\n"), False), [], id="refused"),
    ],
)
def test_a_malformed_file_is_refused_with_a_word_and_nothing_left(refusal, what):
    judgement = judge_refusals([refusal], 5)
    assert [it.what for it in judgement.findings] == what
    assert judgement.outcome is (Outcome.FAILED if what else Outcome.PASSED)


def test_no_malformed_file_is_inconclusive():
    assert judge_refusals([], 5).outcome is Outcome.INCONCLUSIVE
