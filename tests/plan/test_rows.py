"""Every row of the criteria file is answered once, by something that exists."""

from pathlib import Path

import pytest

from godwit.plan import Row, coverage, lint, load_plan, read_rows
from godwit.verdict import PlanError

HERE = Path(__file__).parent
HEAD = "id,statement,answer,kind\n"
EXPECTED = ("sound/prepare/same-answers/task", "sound/widen/the-step-holds-its-criterion/half.errors")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "criteria.csv"
    path.write_text(text, encoding="utf-8")
    return path


def doubts(*answers: str, expected: tuple[str, ...] | None = EXPECTED) -> list[tuple[str, str]]:
    rows = tuple(Row(f"S-{place}", "S.", answer, "behaviour", place + 1) for place, answer in enumerate(answers, 1))
    lints = lint(load_plan(HERE / "good" / "sound.yaml"), answers=rows, expected=expected)
    return [(each.id, each.message) for each in lints if each.id.startswith("row-")]


def test_rows_are_read_with_their_lines(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + 'S-1,"One,\ntwo",check:a/b,budget\n\nS-2,Two,waiver: late ,people\n')
    first, second = read_rows(path)
    assert (first.statement, first.form, first.name) == ("One,\ntwo", "check", "a/b")
    assert (second.form, second.name, second.line) == ("waiver", "late", 5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "criteria.csv:1: the columns are missing; write id,statement,answer,kind"),
        ("id,answer\n", "criteria.csv:1: the columns are id, answer; write"),
        (HEAD + "S-1,One,check:a/b\n", "criteria.csv:2: 3 cells; write 4"),
        (HEAD + "S-1,,check:a/b,budget\n", "criteria.csv:2: a row needs an id and a statement"),
        (HEAD + "S-1,One,check:a/b,buget\n", "criteria.csv:2: 'buget' is no kind; did you mean 'budget'?"),
        (HEAD + 'S-1,"One\n', "cannot be read as CSV"),
    ],
    ids=["empty", "columns", "cells", "nothing", "kind", "quote"],
)
def test_what_is_no_such_table_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(PlanError) as refused:
        read_rows(written(tmp_path, text))
    assert says in str(refused.value)


def test_every_wrong_row_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(PlanError) as refused:
        read_rows(written(tmp_path, HEAD + "S-1\nS-2,Two,x,no\n"))
    assert len(str(refused.value).splitlines()) == 2


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="no such file"):
        read_rows(tmp_path / "criteria.csv")


@pytest.mark.parametrize(
    "answer",
    [
        "check:prepare/same-answers", "check:prepare/same-answers/task", "check:*/same-answers", "criterion:speed",
        "attestation:owner", "waiver:late", "step:back/off", "step:prepare/save", "step:widen/half",
    ],
)  # fmt: skip
def test_an_answer_that_exists_is_accepted(answer: str) -> None:
    assert doubts(answer) == []


@pytest.mark.parametrize(
    ("answer", "name", "says"),
    [
        (
            "check:prepare/same-answer",
            "row-answer-unknown",
            "no check 'prepare/same-answer' in this plan; did you mean",
        ),
        ("check:nowhere/same-answers", "row-answer-unknown", "with one of the phases prepare, widen"),
        ("check:same-answers", "row-answer-unknown", "write <phase>/<promise>[/<case>]"),
        ("criterion:sped", "row-answer-unknown", "no criterion 'sped'; did you mean 'speed'?"),
        ("attestation:nobody", "row-answer-unknown", "no attestation 'nobody'"),
        ("waiver:never", "row-answer-unknown", "no waiver 'never'"),
        ("step:back/of", "row-answer-unknown", "no step 'back/of'; did you mean 'back/off'?"),
        ("", "row-unanswered", "row S-1 has the answer ''"),
        ("later", "row-unanswered", "write check:, criterion:, attestation:, waiver: or step: and a name"),
        ("test:x", "row-unanswered", "row S-1 has the answer 'test:x'"),
        ("check:", "row-unanswered", "row S-1 has the answer 'check:'"),
    ],
    ids=[
        "check",
        "phase",
        "no-phase",
        "criterion",
        "attestation",
        "waiver",
        "step",
        "empty",
        "prose",
        "form",
        "no-name",
    ],
)
def test_an_answer_that_does_not_exist_is_found(answer: str, name: str, says: str) -> None:
    ((found, message),) = doubts(answer)
    assert found == name
    assert says in message


def test_a_waiver_of_rows_answers_for_those_rows_only(tmp_path: Path) -> None:
    text = (HERE / "good" / "sound.yaml").read_text(encoding="utf-8")
    path = tmp_path / "plan.yaml"
    path.write_text(
        text + "  - {id: here, rows: [S-1, S-9], owner: Shop, reason: No such machine., expires: 2025-03-01}\n"
    )
    rows = tuple(Row(f"S-{place}", "S.", "waiver:here", "behaviour", place) for place in (1, 2))
    errors = [each.message for each in lint(load_plan(path), answers=rows) if each.level == "error"]
    assert errors == [
        "row S-2: waiver 'here' does not name this row",
        "no row 'S-9'; did you mean 'S-2'? allowed: S-1, S-2",
    ]


def test_without_expected_checks_only_their_phases_are_known() -> None:
    assert doubts("check:prepare/anything", expected=None) == []
    assert doubts("check:nowhere/anything", expected=None) != []


def test_a_row_that_stands_twice_is_found() -> None:
    row = Row("S-1", "S.", "criterion:same", "behaviour", 2)
    lints = lint(load_plan(HERE / "good" / "sound.yaml"), answers=(row, row))
    assert [each.message for each in lints if each.id == "row-twice"] == [
        "row S-1 stands in line 2 already; answer it once"
    ]


def test_coverage_counts_measurable_rows_answered_by_checks_and_criteria() -> None:
    rows = [
        Row("1", "s", "check:a/b", "budget"),
        Row("2", "s", "criterion:c", "mapping"),
        Row("3", "s", "waiver:w", "trigger"),
        Row("4", "s", "check:a/b", "people"),
    ]
    assert (coverage(rows).rows, coverage(rows).answered) == (3, 2)
    assert coverage(rows).percent == pytest.approx(66.67, abs=0.01)


def test_no_rows_are_not_full_coverage() -> None:
    assert coverage([]).percent == 0


def test_the_coverage_is_a_note() -> None:
    rows = (Row("S-1", "s", "criterion:same", "behaviour", 2), Row("S-2", "s", "waiver:late", "budget", 3))
    notes = [each for each in lint(load_plan(HERE / "good" / "sound.yaml"), answers=rows) if each.id == "coverage"]
    assert [(each.level, each.message) for each in notes] == [
        ("note", "1 of 2 measurable rows (50.0 %) are answered by a check or a criterion")
    ]
