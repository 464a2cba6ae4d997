"""Old configuration files are put to a real converter and a real reader, whole and spoiled."""

from pathlib import Path

import pytest

from godwit.plan import ConfigFile
from godwit.verdict import HarnessError, Outcome

CONVERTER = str(Path(__file__).with_name("converter.py"))
OLD = "[server]\nhost = localhost\nport = 8080\n[log]\nlevel = debug\n"
READS = "import json, sys; print(json.dumps({{**json.load(open(sys.argv[1])), 'more': 1}}))"


@pytest.fixture
def configured(walked):
    """A session with an old file beside its plan, and the element that asks for its conversion."""
    run = walked()
    (run.session.setting.plan.directory / "old.ini").write_text(OLD, encoding="utf-8")

    def file(*faults, **words):
        convert = ("{python}", "-S", CONVERTER, "{file}", "{target}", *faults)
        found = {"id": "main", "file": "old.ini", "convert": convert, "target": "new.json", "timeout_s": 20.0} | words
        return run.session.configuration, ConfigFile.model_validate(found)

    return file


def test_a_good_conversion_is_honoured(configured):
    noun, file = configured()
    judgement = noun.honoured(file)
    assert judgement.outcome is Outcome.PASSED
    assert "3 key(s) compared" in judgement.reason


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        pytest.param("forgets", "key vanished", id="vanished"),
        pytest.param("touches", "the old file was changed", id="touches"),
        pytest.param("malformed", "what was converted is malformed", id="malformed"),
    ],
)
def test_a_bad_conversion_is_found(configured, fault, what):
    noun, file = configured(fault)
    assert [it.what for it in noun.honoured(file).findings] == [what]


def test_a_dropped_key_with_a_reason_is_reported(configured):
    noun, file = configured("forgets", dropped={"server.port": "the system chooses"})
    judgement = noun.honoured(file)
    assert judgement.outcome is Outcome.PASSED
    assert "dropped: server.port (the system chooses)" in judgement.reason


def test_what_the_candidate_reads_is_what_counts(configured):
    noun, file = configured(reads=("{python}", "-S", "-c", READS, "{target}"))
    assert "1 new" in noun.honoured(file).reason


def test_a_converted_file_that_the_candidate_does_not_read_is_found(configured):
    noun, file = configured(reads=("{python}", "-S", "-c", "raise SystemExit('unknown key')"))
    judgement = noun.honoured(file)
    assert judgement.outcome is Outcome.FAILED
    assert "unknown key" in judgement.reason


def test_a_malformed_file_is_refused(configured):
    noun, file = configured()
    judgement = noun.refused(file)
    assert judgement.outcome is Outcome.PASSED
    assert "refused: cut in the middle, with brackets that stay open, that is not UTF-8" in judgement.reason


def test_bad_files_that_are_named_stand_for_spoiled_ones(configured):
    noun, file = configured(bad=("old.ini",))
    assert [it.where for it in noun.refused(file).findings] == ["old.ini", "old.ini"]


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        pytest.param("lenient", "malformed file accepted", id="accepted"),
        pytest.param("half", "left a half result", id="half"),
    ],
)
def test_a_malformed_file_that_is_not_refused_well_is_found(configured, fault, what):
    noun, file = configured(fault)
    assert {it.what for it in noun.refused(file).findings} == {what}


ACCEPTS = "import configparser, json, sys; p = configparser.ConfigParser(); p.read_string(open(sys.argv[1]).read()); "
PRINTS = "print(json.dumps({{name: dict(p.items(name)) for name in p.sections()}}))"


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        pytest.param(ACCEPTS + PRINTS, Outcome.PASSED, id="says-what-it-read"),
        pytest.param(ACCEPTS, Outcome.INCONCLUSIVE, id="says-nothing"),
        pytest.param("raise SystemExit(1)", Outcome.FAILED, id="refuses"),
    ],
)
def test_an_old_file_is_accepted_as_it_is(configured, code, outcome):
    noun, file = configured(convert=None, target=None, accepts=True, reads=("{python}", "-S", "-c", code, "{file}"))
    assert noun.honoured(file).outcome is outcome


def test_a_file_that_is_not_there_is_said(configured):
    noun, file = configured(file="gone.ini")
    with pytest.raises(HarnessError, match="no such file"):
        noun.honoured(file)


def test_an_old_file_that_is_malformed_itself_is_said(configured):
    noun, file = configured(format="json")
    with pytest.raises(HarnessError, match=r"old\.ini is no json"):
        noun.honoured(file)


@pytest.mark.parametrize("words", [{"accepts": True}, {"convert": None}, {"convert": None, "accepts": True}])
def test_a_file_goes_one_way(configured, words):
    with pytest.raises(ValueError, match=r"converted or accepted|accepts needs reads"):
        configured(**words)
