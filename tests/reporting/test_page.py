"""The verdict page says what the verdict says, in valid HTML that needs nothing else; texts from outside stay texts in it."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import html5lib
import pytest
from click.testing import CliRunner

from godwit.cli.main import main
from godwit.reporting import read_verdict, write_verdict
from godwit.reporting.chapters import WRITE_PROMISES
from godwit.reporting.page import page
from godwit.reporting.pictures import SHARE_PROMISE
from godwit.session.shipped import promises
from godwit.verdict import (
    Ask,
    CheckRecord,
    Curve,
    Exhibits,
    FaultRecord,
    GateAsk,
    LookChange,
    LookRecord,
    Mark,
    Outcome,
    Verdict,
    decide,
    not_run,
)

Golden = Callable[[Path, str], None]
Example = tuple[str, Verdict]
HERE = Path(__file__).parent / "golden"
NOWHERE = Path("/nowhere")
TEMPLATES = Path(__file__).resolve().parents[2] / "reports"


def parsed(html: str) -> ET.Element:
    """The page as a tree; an error of a strict HTML parser is an error of the test."""
    tree: ET.Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    return tree


def words(html: str) -> str:
    """Everything that the page shows as text, one line a piece."""
    body = parsed(html).find("body")
    assert body is not None
    return "\n".join(text.strip() for text in body.itertext() if text.strip())


def pictured() -> Verdict:
    """A verdict with something for every picture."""
    cases = [f"stream={on}.percent={percent}" for on in ("on", "off") for percent in (0, 50, 100)]
    checks = [
        *[flagged(case, Outcome.FAILED if case == "stream=on.percent=50" else Outcome.PASSED) for case in cases],
        CheckRecord(f"m/ramp/{SHARE_PROMISE}/half", "rollout", "It moves its share", "ramp", Outcome.PASSED, "moved"),
        replace(not_run(f"m/ramp/{SHARE_PROMISE}/all", "not reached: step half was held"), suite="rollout"),
        CheckRecord(
            f"m/back/{WRITE_PROMISES[0]}", "state-writes", "No write is lost", "back", Outcome.PASSED, "9 found"
        ),
        CheckRecord("m/back/it-comes-back/slow", "rollback", "It comes back", "back", Outcome.FAILED, "it did not"),
    ]
    changes = (LookChange("latency", "p95", 40.0, 44.0, 10.0, 4.0, float("inf"), 20.0, "%"),)
    exhibits = Exhibits(
        (Mark("phase", "ramp", 0, 60), Mark("phase", "back", 60, 90), Mark("fault", "kill", 70, 71)),
        (Curve("soak", "baseline", 400, 0, ((0, 1.0), (50, 2.0), (95, 9.0)), "load/soak/samples.json"),),
        (LookRecord("half", 1, 3.0, "hold", "other work was going on", changes, "rollout/half.json"),),
        (FaultRecord("kill", 10, 9, "crashes/kill.jsonl"),),
    )
    return replace(decide("m-1", [], checks, run={"migration": "m"}), exhibits=exhibits)


def flagged(case: str, outcome: Outcome) -> CheckRecord:
    return CheckRecord(f"m/flags/it-shows/{case}", "flag-matrix", "The case shows its flags", "flags", outcome, "told")


def test_what_the_page_says(example: Example, golden: Golden) -> None:
    name, verdict = example
    golden(HERE / f"{name}.page.txt", words(page(verdict, NOWHERE)) + "\n")


def test_the_page_with_every_picture(golden: Golden) -> None:
    html = page(pictured(), NOWHERE)
    golden(HERE / "pictures.html", re.sub(r"<style>.*</style>\n", "", html, flags=re.DOTALL))


def test_the_page_is_valid_and_loads_nothing(example: Example) -> None:
    tree = parsed(page(example[1], NOWHERE))
    policy = tree.find(".//meta[@http-equiv]")
    assert policy is not None
    assert policy.get("content") == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert {each.tag for each in tree.iter()} & {"script", "iframe", "link", "img", "object", "form", "base"} == set()
    attributes = [(name, value) for each in tree.iter() for name, value in each.attrib.items()]
    assert [each for each in attributes if each[0].startswith("on") or "url(" in each[1]] == []
    outside = [value for name, value in attributes if name in ("href", "src") and not value.startswith(("#", "./"))]
    waived = ["https://docs.test/requirements?id=7&part=2", "https://tracker.test/browse/MIG-12"]
    assert set(outside) == ({*waived, "https://tracker.test/1"} if example[0] == "waived" else set())


def test_ids_are_told_apart_and_every_reference_finds_one() -> None:
    tree = parsed(page(pictured(), NOWHERE))
    ids = [each.get("id") for each in tree.iter() if each.get("id")]
    meant = [each.get("aria-labelledby") for each in tree.iter() if each.get("aria-labelledby")]
    assert len(ids) == len(set(ids))
    assert set(meant) <= set(ids)


@pytest.mark.parametrize("example", ["hostile-control", "hostile-right-to-left"], indirect=True)
def test_no_sign_moves_a_cursor_or_turns_a_line(example: Example) -> None:
    assert (
        re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u200f]", page(example[1], NOWHERE))
        == []
    )


@pytest.mark.parametrize("example", ["hostile-markup"], indirect=True)
def test_markup_is_shown_as_it_was_written(example: Example) -> None:
    assert "<img src=x onerror=alert(1)> [link](http://evil) | `code`" in words(page(example[1], NOWHERE))


def test_a_megabyte_is_cut(tmp_path: Path) -> None:
    text = "<b>\u202e" + "x" * 1_000_000
    record = CheckRecord(f"m/p/promise/{text}", text, text, "p", Outcome.FAILED, text, limit=text, repeat=text)
    html = page(decide(text, [], [record], trouble=[text], run={"migration": text}), tmp_path)
    assert len(html) < 60_000
    parsed(html)


def test_evidence_is_linked_where_it_lies_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "load" / "soak").mkdir(parents=True)
    (tmp_path / "load" / "soak" / "samples.json").write_text("{}", encoding="utf-8")
    links = [each.get("href") for each in parsed(page(pictured(), tmp_path)).iter("a")]
    assert links == ["#criteria", "./load/soak/samples.json"]


@pytest.mark.parametrize("source", ["../outside.json", "/etc/passwd", "javascript:alert(1)", "x" * 5000, "x" * 300])
def test_a_source_outside_the_run_is_no_link(source: str, tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text("{}", encoding="utf-8")
    verdict = pictured()
    curves = tuple(replace(each, source=source) for each in verdict.exhibits.curves)
    html = page(replace(verdict, exhibits=replace(verdict.exhibits, curves=curves)), tmp_path / "run")
    assert [each.get("href") for each in parsed(html).iter("a")] == ["#criteria"]


def test_a_criterion_that_held_before_and_fails_now_regressed() -> None:
    record = CheckRecord("m/p/promise", "s", "It holds", "p", Outcome.FAILED, "broken")
    ask = Ask("held", "It still holds", "critical", checks=("p/promise",))
    verdict = decide("m-2", [GateAsk("g", "Gate", "p", (ask,), rolls_back=False)], [record], run={})
    told = words(page(verdict, NOWHERE, {"g/held": (Outcome.PASSED, Outcome.FAILED)}))
    assert "Regressed" in told
    assert "flaky" not in told.lower()
    assert "Regressed" not in words(page(verdict, NOWHERE, {"g/held": (Outcome.FAILED, Outcome.FAILED)}))


def test_a_page_knows_the_runs_beside_it(tmp_path: Path) -> None:
    ask = Ask("held", "It still holds", "critical", checks=("p/promise",))
    gate = GateAsk("g", "Gate", "p", (ask,), rolls_back=False)
    for day, outcome in enumerate((Outcome.PASSED, Outcome.INCONCLUSIVE, Outcome.FAILED), start=1):
        (tmp_path / str(day)).mkdir()
        record = CheckRecord("m/p/promise", "s", "It holds", "p", outcome, "told")
        run = {"migration": "m", "started": f"2026-11-0{day}T01:00:00+00:00"}
        write_verdict(decide(f"m-{day}", [gate], [record], run=run), tmp_path / str(day))
    html = (tmp_path / "3" / "verdict.html").read_text(encoding="utf-8")
    told = [each.get("aria-label") for each in parsed(html).iter("span") if each.get("class") == "past"]
    assert told == ["last runs, oldest first: passed, inconclusive, failed"]
    assert "Regressed" in words(html)
    assert "Regressed" not in (tmp_path / "2" / "verdict.html").read_text(encoding="utf-8")


def test_ten_thousand_checks_stay_small() -> None:
    records = [
        CheckRecord(
            f"m/p/promise-{n % 40}/case-{n}", f"suite-{n % 9}", "It holds " * 9, "p", Outcome.FAILED, "broken " * 40
        )
        for n in range(10_000)
    ]
    assert len(page(decide("m-3", [], records, run={}), NOWHERE)) < 2_000_000


def test_what_the_page_looks_for_is_what_the_suites_promise() -> None:
    assert {SHARE_PROMISE, *WRITE_PROMISES} <= {promise.name for promise in promises()}


@pytest.mark.parametrize("named", ["", "verdict.json"], ids=["folder", "file"])
@pytest.mark.parametrize("example", ["no-go"], indirect=True)
def test_the_page_of_a_run_is_made_again(example: Example, named: str, tmp_path: Path) -> None:
    write_verdict(example[1], tmp_path)
    first = (tmp_path / "verdict.html").read_text(encoding="utf-8")
    (tmp_path / "verdict.html").unlink()
    ended = CliRunner().invoke(main, ["page", str(tmp_path / named)])
    assert (ended.exit_code, ended.output) == (0, f"{tmp_path / 'verdict.html'}\n")
    assert (tmp_path / "verdict.html").read_text(encoding="utf-8") == first
    assert read_verdict(tmp_path) == example[1]


def test_a_folder_without_a_verdict_has_no_page(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, ["page", str(tmp_path)])
    assert ended.exit_code != 0
    assert "is not there" in ended.output
    assert list(tmp_path.iterdir()) == []
