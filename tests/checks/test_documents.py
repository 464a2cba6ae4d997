"""Documents compared key by key: what the plan says is held, and everything else keeps its place, value and type."""

import pytest

from godwit.checks import StateDocument, judge_document
from godwit.plan import DocumentPair, read_typed
from godwit.verdict import Outcome

OLD = """
orchestrator: {default_mode: blocking, log_level: INFO, max_projects: 3, extra: {a: 1, b: 2}}
ai: {model: claude, temperature: 0.5, retries: 3, tags: [a, b]}
projects: [{name: web, channel: "017", since: 2023-08-15}, {name: api, channel: "018", since: 2023-09-01}]
"""
NEW = """
version: "1.0"
global: {default_mode: blocking, log_level: INFO, max_concurrent_projects: 3, extra: {a: 1, b: 2}}
ai_provider: {model: claude, temperature: 0.5, retries: 3, tags: [a, b]}
projects: [{title: web, channel: "017", since: 2023-08-15}, {title: api, channel: "018", since: 2023-09-01}]
"""
KEYS = (
    {"key": "/orchestrator", "to": "/global"},
    {"key": "/orchestrator/max_projects", "to": "/global/max_concurrent_projects"},
    {"key": "/ai", "to": "/ai_provider"},
    {"key": "/projects/*/name", "to": "/projects/*/title"},
    {"to": "/version", "constant": "1.0"},
)


def judge(old=OLD, new=NEW, *, yaml="1.2", typed=True, **words):
    given = {"id": "d", "sentence": "It is kept", "baseline": "a", "candidate": "b", "keys": KEYS}
    before = StateDocument(read_typed(old, yaml) if isinstance(old, str) else old, typed)
    pair = DocumentPair.model_validate({**given, **words})
    return judge_document(pair, before, StateDocument(read_typed(new, "1.2")))


def found(*changes, **words):
    text = NEW
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return [(it.what, it.where, it.count, it.reason) for it in judge(new=text, **words).findings]


def test_a_document_as_the_plan_says_has_no_finding():
    judgement = judge()
    assert judgement.outcome is Outcome.PASSED
    assert "16 keys compared" in judgement.reason


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        pytest.param(("INFO", "DEBUG"), ("value changed", "/orchestrator/log_level", 1, ""), id="value"),
        pytest.param(
            ("projects: 3", 'projects: "3"'),
            ("type changed", "/orchestrator/max_projects", 1, "integer became text"),
            id="integer-as-text",
        ),
        pytest.param(
            ('"017"', "017"), ("type changed", "/projects/0/channel", 1, "text became integer"), id="text-as-integer"
        ),
        pytest.param(
            ("since: 2023-08-15", 'since: "2023-08-15"'),
            ("type changed", "/projects/0/since", 1, "date became text"),
            id="date-as-text",
        ),
        pytest.param(("[a, b]", "[b, a]"), ("value changed", "/ai/tags", 1, "in another order"), id="order"),
        pytest.param(
            (", extra: {a: 1, b: 2}", ""),
            ("key vanished", "/orchestrator/extra/a", 2, "the whole table /orchestrator/extra is gone"),
            id="a-table-is-gone",
        ),
        pytest.param(
            (", retries: 3", ""), ("key vanished", "/ai/retries", 1, "looked for at /ai_provider/retries"), id="gone"
        ),
        pytest.param(
            ("temperature: 0.5", "temperature: 0.5, seed: 1"),
            ("key that nobody stated", "/ai_provider/seed", 1, ""),
            id="new",
        ),
        pytest.param(
            ('version: "1.0"', "versions: 1"),
            ("key is missing that the plan states", "/version", 1, ""),
            id="constant-gone",
        ),
        pytest.param(("model: claude", "model: cla"), ("value changed", "/ai/model", 1, "cut short"), id="cut"),
    ],
)
def test_a_damage_is_one_finding(change, finding):
    assert finding in found(change)
    assert len(found(change)) == (2 if finding[1] == "/version" else 1)


def test_what_the_plan_drops_and_adds_is_no_finding():
    words = {
        "dropped": [{"key": "/ai/retries", "reason": "the client has its own"}],
        "added": [{"key": "/installation", "reason": "made at installation"}],
    }
    assert found((", retries: 3", ""), ("version:", "installation: {id: x}\nversion:"), **words) == []
    assert found((", retries: 3", ""), **words) == [("key is missing that the plan adds", "/installation", 1, "")]


def test_a_plan_of_another_document_is_inconclusive():
    judgement = judge(keys=(*KEYS, {"key": "/discord", "to": "/chat"}))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "/discord" in judgement.reason


def test_a_default_stands_where_the_baseline_has_no_key():
    keys = (*KEYS, {"key": "/orchestrator/timeout", "to": "/global/timeout", "default": 30})
    assert judge(keys=keys).outcome is Outcome.FAILED
    assert found(("log_level: INFO", "log_level: INFO, timeout: 30"), keys=keys) == []


def test_values_are_translated():
    keys = (*KEYS, {"key": "/orchestrator/log_level", "to": "/global/level", "values": {"INFO": 20}})
    assert found(("log_level: INFO", "level: 20"), keys=keys) == []


def test_old_readers_read_no_as_false():
    keys = [{"key": "/a", "to": "/b"}]
    assert judge("a: no", "b: false", yaml="1.1", keys=keys).outcome is Outcome.PASSED
    assert judge("a: no", "b: false", keys=keys).findings[0].reason == "text became boolean"


def test_a_file_of_texts_may_become_typed():
    keys = [{"key": "/PORT", "to": "/port", "type": "integer"}, {"key": "/DEBUG", "to": "/debug"}]
    old = {"PORT": "8080", "DEBUG": "yes"}
    assert judge(old, "{port: 8080, debug: true}", typed=False, keys=keys).outcome is Outcome.PASSED
    assert judge(old, '{port: "8080", debug: true}', typed=False, keys=keys).outcome is Outcome.FAILED


def test_a_key_in_a_table_that_was_empty_is_one_that_nobody_stated():
    (finding,) = judge("{a: 1, extra: {}}", "{a: 1, extra: {b: 2}}", keys=[]).findings
    assert (finding.what, finding.where) == ("key that nobody stated", "/extra/b")


@pytest.mark.parametrize("made", ["true", "false"])
def test_a_word_that_is_no_boolean_is_not_taken_for_false(made):
    keys = [{"key": "/a", "type": "boolean"}]
    assert judge("a: maybe", f"a: {made}", keys=keys).outcome is Outcome.FAILED


def test_only_the_part_that_is_meant_is_compared():
    new = "{version: 1, projects: {web: {name: web}, api: {name: api}}}"
    assert judge("name: web", new, within="/projects/web", keys=[]).outcome is Outcome.PASSED
    assert judge("name: web", new, within="/projects/shop", keys=[]).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("text", "yaml", "said"),
    [
        pytest.param('{"a": 1, "a": 2}', "", "'a' comes twice", id="json-key-twice"),
        pytest.param("a: 1\na: 2\n", "1.2", "no YAML", id="yaml-key-twice"),
        pytest.param("[", "1.2", "no YAML", id="no-yaml"),
    ],
)
def test_a_malformed_document_is_refused(text, yaml, said):
    with pytest.raises(ValueError, match=said):
        read_typed(text, yaml)
