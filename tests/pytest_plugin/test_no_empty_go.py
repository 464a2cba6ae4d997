"""Whatever keeps a promise from being tested keeps the verdict from being a GO."""

import json
import shutil

import pytest

PARITY = ("--phase", "parity")
ONLY_PARITY = ("--godwit-phase", "parity")
HEALTHY = "the-stack-is-healthy"
SUITE = "test_backward_compatibility"
HEALTH_TEST = "def test_the_stack_is_healthy(role, parity):"
HEALTH_LINE = "    assert_holds(parity.health(role))"


def test_a_candidate_that_dies_while_it_is_asked(tiny, no_go_ever):
    ended = tiny.verify(*PARITY, "--defect", "dies")
    no_go_ever(ended)
    assert ended.outcomes["parity/the-candidate-answers-as-the-baseline/second-note"] == "failed"
    assert ended.outcomes[f"parity/{HEALTHY}/candidate"] == "failed"


def test_a_baseline_that_dies_while_it_is_asked(tiny, no_go_ever):
    tiny.change('env: {TINY_WRONG: ""}', "env: {TINY_WRONG: baseline-dies}")
    ended = tiny.verify(*PARITY)
    no_go_ever(ended)
    assert ended.outcomes["parity/the-candidate-answers-as-the-baseline/second-note"] == "inconclusive"


def test_a_service_that_never_comes_up(tiny, no_go_ever):
    tiny.change('service.py, candidate, "{port}"', 'no-such-file.py, candidate, "{port}"')
    ended = tiny.verify(*PARITY)
    no_go_ever(ended)
    assert set(ended.outcomes.values()) == {"errored"}


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["-k", "not healthy"], id="by-keyword"),
        pytest.param(["-k", "no_such_promise"], id="all-by-keyword"),
        pytest.param(["--deselect", "test_procedures.py"], id="a-module"),
        pytest.param(["--setup-only"], id="not-called"),
        pytest.param(["--ignore", "{suites}/test_procedures.py"], id="a-module-ignored"),
    ],
)
def test_a_promise_that_was_left_out(tiny, no_go_ever, suites, words):
    ended = tiny.pytest(*ONLY_PARITY, *(word.format(suites=suites) for word in words))
    no_go_ever(ended)
    assert ended.code == 11
    assert "did not run" in {check.reason for check in ended.verdict.checks}


@pytest.mark.parametrize(
    ("plugin", "said"),
    [
        pytest.param("no:godwit", "unrecognized arguments: --godwit-plan", id="all-of-it"),
        pytest.param("no:godwit-controller", "the run left no verdict", id="who-decides"),
        pytest.param("no:godwit-conductor", "did not run", id="who-makes-checks"),
    ],
)
def test_a_run_with_godwits_plugin_off(tiny, no_go_ever, plugin, said):
    ended = tiny.verify(*PARITY, "-p", plugin)
    no_go_ever(ended)
    assert said in ended.said


def test_a_run_with_the_plugin_off_by_the_environment(tiny, no_go_ever):
    no_go_ever(tiny.verify(*PARITY, PYTEST_ADDOPTS="-p no:godwit"))


def test_the_verdict_of_another_run_does_not_count(tiny, clean):
    shutil.copytree(clean.out, tiny.out)
    ended = tiny.verify(*PARITY, "-p", "no:godwit-controller")
    assert ended.code == 4
    assert "holds the evidence of another run" in ended.said


def test_a_run_under_another_id_does_not_count(tiny):
    ended = tiny.verify(*PARITY, "--godwit-run-id", "mine")
    assert ended.code == 11
    assert "holds the verdict of another run" in ended.said


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda file: file.unlink(), id="deleted"),
        pytest.param(lambda file: file.write_text('{"word": "GO"}'), id="made-up"),
        pytest.param(lambda file: file.write_bytes(file.read_bytes()[:-200]), id="cut-off"),
    ],
)
def test_a_verdict_file_that_is_no_more(tiny, clean, edit):
    shutil.copytree(clean.out, tiny.out)
    edit(tiny.out / "verdict.json")
    asked = tiny.run([tiny.words()[0], "verdict", "--of", str(tiny.out)])
    assert asked.code == 11
    assert "GO " not in asked.said.replace("never GO", "")


def test_a_plan_without_probes(tiny, no_go_ever):
    text = tiny.plan.read_text()
    start, end = text.index("    probes:\n"), text.index("flags:\n")
    tiny.plan.write_text(text[:start] + "    probes: []\n\n" + text[end:])
    ended = tiny.verify(*PARITY)
    no_go_ever(ended)
    assert ended.code == 11
    assert (
        "nothing to check: the plan names no probe"
        in ended.check("parity/the-candidate-answers-as-the-baseline").reason
    )


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        pytest.param(HEALTH_LINE, "    parity.health(role)", "errored", id="asserts-nothing"),
        pytest.param(HEALTH_LINE, '    __import__("pytest").skip("later")', "skipped", id="skips-itself"),
        pytest.param(HEALTH_LINE, '    __import__("pytest").xfail("known")', "skipped", id="expects-its-failure"),
        pytest.param(HEALTH_LINE, "    raise KeyError(role)", "errored", id="breaks-down"),
        pytest.param(HEALTH_TEST, f'@__import__("pytest").mark.skip(reason="later")\n{HEALTH_TEST}', "skipped", id="skip"),
        pytest.param(HEALTH_TEST, f'@__import__("pytest").mark.xfail\n{HEALTH_TEST}', "inconclusive", id="xfail-that-passes"),
        pytest.param(
            f"{HEALTH_TEST}\n", f'@__import__("pytest").mark.xfail(strict=True)\n{HEALTH_TEST}\n', "errored", id="xfail-strict"
        ),
        pytest.param(HEALTH_TEST, "def test_the_stack_is_healthy(role, no_such_noun):", "errored", id="asks-for-nothing-known"),
    ],
)  # fmt: skip
def test_a_promise_that_cannot_fail(tiny, no_go_ever, old, new, outcome):
    ended = tiny.pytest(*ONLY_PARITY, *tiny.other_suites(SUITE, old, new))
    no_go_ever(ended)
    assert ended.outcomes[f"parity/{HEALTHY}/baseline"] == outcome


@pytest.mark.parametrize("new", [pytest.param("import no_such", id="import"), pytest.param("def f(:", id="syntax")])
def test_a_suite_that_cannot_be_imported(tiny, no_go_ever, new):
    ended = tiny.verify(*PARITY, *tiny.other_suites(SUITE, "from godwit import assert_holds", new))
    no_go_ever(ended)
    assert ended.code == 4
    assert "suite backward-compatibility cannot be imported" in ended.said
    assert "Traceback" not in ended.said


def test_a_suite_that_cannot_be_collected(tiny, no_go_ever):
    only_for_us = 'from godwit import assert_holds\nassert __name__.startswith("godwit.")'
    ended = tiny.pytest(*ONLY_PARITY, *tiny.other_suites(SUITE, "from godwit import assert_holds", only_for_us))
    no_go_ever(ended)
    assert any("could not collect" in text for text in ended.verdict.trouble)


def test_a_worker_that_dies(tiny, no_go_ever):
    ended = tiny.verify(*PARITY, "-n", "2", *tiny.other_suites(SUITE, HEALTH_LINE, '    __import__("os")._exit(3)'))
    no_go_ever(ended)
    assert any("crashed" in text for text in ended.verdict.trouble), ended.verdict.trouble
    assert tiny.still_running() == []


def test_a_promise_that_passes_once_and_fails_once_has_failed(tiny, no_go_ever):
    twice = f"{HEALTH_LINE}\n\n\n@__import__('pytest').fixture(autouse=True)\ndef late():\n    yield\n    raise OSError('late')"
    ended = tiny.pytest(*ONLY_PARITY, *tiny.other_suites(SUITE, HEALTH_LINE, twice))
    no_go_ever(ended)
    assert ended.outcomes[f"parity/{HEALTHY}/baseline"] == "errored"


def test_exit_codes_and_words_agree_in_the_file(clean):
    read = json.loads((clean.out / "verdict.json").read_text())
    assert (read["word"], read["exit_code"], read["schema_version"]) == ("GO", 0, 1)
