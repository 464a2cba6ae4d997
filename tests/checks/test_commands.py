"""Two ends of one command line: what differs is found, small and once; what the baseline does not keep itself is noise."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from godwit.checks import compare_commands
from godwit.checks.help_texts import offers
from godwit.plan import CommandLine, Intended, Normaliser
from godwit.verdict import Ended, Outcome

UUIDS = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
ARGPARSE = """usage: tool [-h] [--level {low,high}] [--dry-run] {add,remove} ...

positional arguments:
  {add,remove}
    add                 Adds one
    remove              Removes one

options:
  -h, --help            show this help message and exit
  --level {low,high}    how much; see --loud for more
  --dry-run             do nothing
"""
CLICK = """Usage: tool [OPTIONS] COMMAND [ARGS]...

  Does things.

Options:
  -v, --verbose / --quiet   Say more.
  --port INTEGER            Where.
  --help                    Show this message and exit.

Commands:
  add     Adds one.
  remove  Removes one, and goes on about it
          over two lines.
"""


def command(**words):
    return CommandLine.model_validate({"id": "it", "run": ("it",), "timeout_s": 5.0} | words)


def judged(baseline, candidate, *, normalisers=(), **words):
    runs = [baseline] if isinstance(baseline, Ended) else baseline
    return compare_commands(command(**words), runs, candidate, normalisers)


def out(text, **more):
    return Ended(0, text, **more)


def shown(judgement):
    return [(finding.what, finding.where, finding.baseline, finding.candidate) for finding in judgement.findings]


def test_equal_ends_hold():
    judgement = judged(out("one\ntwo\n"), out("one\ntwo\n"))
    assert judgement.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("baseline", "candidate", "finding"),
    [
        pytest.param(
            Ended(0),
            Ended(3, stderr="no\n"),
            ("exit code", "exit", "ended with exit code 0", "ended with exit code 3"),
            id="exit",
        ),
        pytest.param(
            Ended(0), Ended(-11), ("exit code", "exit", "ended with exit code 0", "was ended by SIGSEGV"), id="signal"
        ),
        pytest.param(Ended(0), Ended(-9, timed_out=True), ("did not end", "exit", "ended with 0", "killed after 5 s"), id="hang"),
        pytest.param(out("a\nb\nc\n"), out("a\nx\nc\n"), ("line", "stdout:2", "b", "x"), id="line"),
        pytest.param(out("a\nb\nc\n"), out("a\nc\n"), ("line missing", "stdout:2", "b", "(absent)"), id="missing"),
        pytest.param(out("a\nc\n"), out("a\nb\nc\n"), ("line extra", "stdout:2", "(absent)", "b"), id="extra"),
        pytest.param(Ended(0, "", "a\n"), Ended(0, "", "b\n"), ("line", "stderr:1", "a", "b"), id="stderr"),
        pytest.param(out("a\n"), out("a"), ("line", "stdout:1", "a", "a(no newline at the end)"), id="newline"),
        pytest.param(out("\\xff\n"), out("\\xfe\n"), ("line", "stdout:1", "\\xff", "\\xfe"), id="bytes"),
        pytest.param(
            out('{"n": 1, "s": []}'), out('{"s": [], "n": "1"}'), ("type", "stdout/n", "1", '"1"'), id="json"
        ),
        pytest.param(out("", cut=()), out("", cut=("stdout",)), ("too large", "stdout", "kept whole", "cut"), id="flood"),
    ],
)  # fmt: skip
def test_a_difference_is_one_finding_with_its_place(baseline, candidate, finding):
    judgement = judged(baseline, candidate)
    assert judgement.outcome is Outcome.FAILED
    assert finding in shown(judgement)


def test_the_line_before_gives_the_context():
    judgement = judged(out("head\na\n"), out("head\nb\n"))
    assert judgement.findings[0].reason == "after 'head'"


def test_the_same_change_in_many_lines_is_one_finding():
    rows = range(10)
    judgement = judged(out("".join(f"row {n}\n" for n in rows)), out("".join(f"line {n}\n" for n in rows)))
    assert [(finding.count, finding.what) for finding in judgement.findings] == [(10, "line")]


@pytest.mark.parametrize(
    ("runs", "says"),
    [
        pytest.param(
            [Ended(1, stderr="no module named it")], "ended with exit code 1, and the plan says 0", id="fails"
        ),
        pytest.param([Ended(-9, timed_out=True)], "did not end within 5 s", id="hangs"),
        pytest.param([Ended(0), Ended(0), Ended(4)], "ends now with 0, now with 4", id="unsteady"),
        pytest.param([Ended(0, cut=("stdout",))], "too large to be compared whole: stdout", id="floods"),
    ],
)
def test_a_baseline_that_proves_nothing_is_inconclusive(runs, says):
    judgement = judged(runs, Ended(0))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert says in judgement.reason


def test_a_baseline_that_writes_no_file_is_inconclusive_where_files_are_asked():
    assert judged(Ended(0), Ended(0), files=("*.json",)).outcome is Outcome.INCONCLUSIVE


def test_files_are_compared_by_name_and_content():
    one = Ended(0, files=(("a.json", b'{"n": 1}'), ("b.txt", b"x\n"), ("c.txt", b"")))
    other = Ended(0, files=(("a.json", b'{"n": 1.0}'), ("b.txt", b"y\n"), ("d.txt", b"")))
    assert shown(judged(one, other, files=("*",))) == [
        ("line", "b.txt:1", "x", "y"),
        ("type", "a.json/n", "1", "1.0"),
        ("file missing", "c.txt", "c.txt", "(absent)"),
        ("file extra", "d.txt", "(absent)", "d.txt"),
    ]


def test_places_of_either_side_are_no_difference():
    one = out("at http://127.0.0.1:4001/x in /w/one\n", places=(("url", "http://127.0.0.1:4001"), ("dir", "/w/one")))
    other = out("at http://127.0.0.1:4002/x in /w/two\n", places=(("url", "http://127.0.0.1:4002"), ("dir", "/w/two")))
    assert judged(one, other).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("rule", "one", "other", "wrong"),
    [
        pytest.param("timestamps", "2025-01-02T03:04:05Z", "2026-11-21T14:00:00Z", "2026-11-21 14:00:00", id="timestamps"),
        pytest.param("timestamps", "Sat Nov  1 10:00:00 2025", "Sun Oct 12 09:00:01 2025", "Sun Oct 12 2025", id="asctime"),
        pytest.param("durations", "took 13 ms", "took 2.5 s", "took long", id="durations"),
        pytest.param("versions", "tool 1.4.0", "tool v2.0.0-rc1", "tool two", id="versions"),
        pytest.param("ports", "on localhost:8080", "on localhost:9", "on localhost", id="ports"),
        pytest.param("paths", "wrote /tmp/a/x.json", "wrote /var/tmp/b/x.json", "wrote /tmp/a/y.json", id="paths"),
        pytest.param("uuids", f"{UUIDS[0]} {UUIDS[0]}", f"{UUIDS[1]} {UUIDS[1]}", f"{UUIDS[1]} {UUIDS[0]}", id="uuids"),
    ],
)  # fmt: skip
def test_a_rule_covers_its_form_and_nothing_else(rule, one, other, wrong):
    if rule != "ports":  # a port of one digit is none
        assert judged(out(one), out(other), normalise=(rule,)).outcome is Outcome.PASSED
    assert judged(out(one), out(wrong), normalise=(rule,)).outcome is Outcome.FAILED


def test_an_address_is_no_version():
    assert judged(out("on 127.0.0.1"), out("on 10.0.0.1"), normalise=("versions",)).outcome is Outcome.FAILED


def test_rules_say_how_often_they_fired_and_which_never_did():
    text = f"{UUIDS[0]} {UUIDS[1]}\n"
    judgement = judged(out(text), out(text), normalise=("uuids", "durations"))
    assert judgement.reason.endswith("normalised: uuids 4; never needed: durations")


def test_ids_in_json_are_matched_over_all_parts():
    ids = Normaliser(kind="id", at="/**/id")
    one = Ended(0, '{"id": "t-1"}', files=(("x.json", b'{"id": "t-1"}'),))
    good = Ended(0, '{"id": "t-7"}', files=(("x.json", b'{"id": "t-7"}'),))
    bad = Ended(0, '{"id": "t-7"}', files=(("x.json", b'{"id": "t-8"}'),))
    assert judged(one, good, normalisers=[ids], files=("*",)).outcome is Outcome.PASSED
    assert shown(judged(one, bad, normalisers=[ids], files=("*",)))[0][:2] == ("id of another thing", "x.json/id")


def noisy(*texts):
    return [out(text) for text in texts]


@pytest.mark.parametrize(
    ("runs", "good", "bad"),
    [
        pytest.param(("took 3\nend\n", "took 14\nend\n"), "took 159\nend\n", "took\nend\n", id="digits"),
        pytest.param(("took 3\nend\n", "took 14\nend\n"), "took 2\nend\n", "took 2\nENDE\n", id="steady-line-beside"),
        pytest.param(("by ann!\n", "by bob!\n"), "by eve!\n", "by eve\n", id="words"),
        pytest.param(("a\nb\n", "b\na\n"), "b\na\n", "b\nc\n", id="order"),
        pytest.param(("n 1\nn 2\n", "n 3\n"), "n 7\n", "m 7\n", id="number-of-lines"),
        pytest.param(("n 1\nsum 5\n", "n 2\nn 3\nsum 5\n"), "n 7\nsum 5\n", "n 7\nsum 6\n", id="steady-line-in-a-varying-number"),
        pytest.param(('{"t": 1.5, "n": 2}', '{"t": 2.5, "n": 2}'), '{"t": 9.5, "n": 2}', '{"t": null, "n": 2}', id="json"),
        pytest.param(('{"t": 1.5, "n": 2}', '{"t": 2.5, "n": 2}'), '{"t": 9.5, "n": 2}', '{"t": 9.5, "n": 3}', id="json-beside"),
    ],
)  # fmt: skip
def test_noise_of_the_baseline_is_compared_by_its_shape(runs, good, bad):
    passed = judged(noisy(*runs), out(good))
    assert passed.outcome is Outcome.PASSED, passed
    assert "noise of the baseline" in passed.reason
    assert judged(noisy(*runs), out(bad)).outcome is Outcome.FAILED


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    lines=st.lists(st.tuples(st.text("ab 1", max_size=4), st.booleans()), min_size=1, max_size=6),
    place=st.integers(0, 5),
    other=st.text("ab 1", max_size=4),
)
def test_a_changed_steady_line_is_never_taken_for_noise(lines, place, other):
    runs = [[f"{text} {number}" if noisy else text for text, noisy in lines] for number in (7, 88, 999)]
    steady = [index for index, (_, noisy) in enumerate(lines) if not noisy]
    assume(steady)
    changed = list(runs[1])
    changed[steady[place % len(steady)]] = other
    assume(sorted(changed) != sorted(runs[1]))
    written = ["".join(f"{line}\n" for line in run) for run in (*runs, changed)]
    assert judged(noisy(*written[:3]), out(written[3])).outcome is Outcome.FAILED


def test_files_with_names_of_their_own_in_each_run_are_told_by_the_shape_of_their_names():
    runs = [Ended(0, files=((f"log-{n}.txt", b"x\n"),)) for n in (1, 22)]
    assert judged(runs, Ended(0, files=(("log-333.txt", b"x\n"),)), files=("*",)).outcome is Outcome.PASSED
    assert judged(runs, Ended(0, files=(("out-333.txt", b"x\n"),)), files=("*",)).outcome is Outcome.FAILED


def test_an_intended_difference_is_allowed_and_nothing_beside_it():
    allowed = (Intended(at="stdout", like="^Hello", reason="friendlier"), Intended(at="exit", reason="never"))
    judgement = judged(out("Hello\nx\n"), out("Hello you\ny\n"), allowed=allowed)
    assert shown(judgement) == [("line", "stdout:2", "x", "y")]
    assert judgement.reason.endswith("1 allowed; allowance never needed: exit")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            ARGPARSE,
            {
                "option": ("--dry-run", "--help", "--level", "-h"),
                "subcommand": (),
                "choice": ("add", "high", "low", "remove"),
            },
            id="argparse",
        ),
        pytest.param(
            CLICK,
            {
                "option": ("--help", "--port", "--quiet", "--verbose", "-v"),
                "subcommand": ("add", "remove"),
                "choice": (),
            },
            id="click",
        ),
    ],
)
def test_a_help_text_is_read_whatever_its_layout(text, found):
    assert offers(text) == found


def test_only_what_vanished_from_a_help_is_a_finding():
    other = CLICK.replace("--port INTEGER ", "--host TEXT").replace("Does things.", "Does other things.")
    judgement = judged(out(CLICK), out(other), help=True)
    assert shown(judgement) == [("option vanished from the help", "--port", "--port", "(absent)")]
    assert "new: --host" in judgement.reason


def test_a_help_that_offers_nothing_is_inconclusive():
    assert judged(out("hello"), out("hello"), help=True).outcome is Outcome.INCONCLUSIVE
