"""What people read of each kind of verdict is what was agreed on; texts from outside stay texts in it."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from godwit.plan import Plan
from godwit.reporting import failure_text, markdown, summary_lines
from godwit.verdict import Verdict

Golden = Callable[[Path, str], None]
Example = tuple[str, Verdict]
HERE = Path(__file__).parent / "golden"
OUT = Path("reports/out/tiny-1")
FOLDS = re.compile(r"^(</?details>|<summary>[\w ,()]+(: [\w ,]+)?</summary>)$", re.MULTILINE)


def summary(verdict: Verdict) -> str:
    return "".join(f"{line}\n" for line, _ in summary_lines(verdict, OUT))


def failures(verdict: Verdict, plan: Plan) -> str:
    broken = [check for check in verdict.checks if check.outcome != "passed"]
    return "\n\n".join(failure_text(check, plan, OUT) for check in broken) + "\n"


def unsafe(text: str) -> list[str]:
    """Signs that do something on a terminal besides showing themselves."""
    categories = ("Cc", "Cs", "Zl", "Zp")
    turning = [
        sign for sign in text if unicodedata.bidirectional(sign) in ("RLO", "LRO", "RLE", "LRE", "RLI", "LRI", "FSI")
    ]
    return turning + [sign for sign in text if unicodedata.category(sign) in categories and sign != "\n"]


def test_the_summary_on_a_terminal(example: Example, golden: Golden) -> None:
    name, verdict = example
    golden(HERE / f"{name}.summary.txt", summary(verdict))


def test_the_markdown(example: Example, golden: Golden) -> None:
    name, verdict = example
    golden(HERE / f"{name}.md", markdown(verdict))


@pytest.mark.parametrize("example", ["no-go", "inconclusive", "hostile-control", "hostile-long"], indirect=True)
def test_the_text_of_a_failure(example: Example, tiny_plan: Plan, golden: Golden) -> None:
    name, verdict = example
    golden(HERE / f"{name}.failure.txt", failures(verdict, tiny_plan))


def test_nothing_on_a_terminal_is_more_than_text(example: Example, tiny_plan: Plan) -> None:
    assert unsafe(summary(example[1]) + failures(example[1], tiny_plan)) == []


def test_every_line_of_the_summary_is_one_line_of_bounded_length(example: Example) -> None:
    assert [line for line, _ in summary_lines(example[1], OUT) if "\n" in line or len(line) > 240] == []


def test_nothing_in_markdown_is_more_than_text(example: Example) -> None:
    text = re.sub(r"(`+).+?\1", "", FOLDS.sub("", markdown(example[1])))
    text = text if example[0] != "waived" else re.sub(r"<https://(?:docs|tracker)\.test/[^>]*>", "", text)
    assert unsafe(text) == []
    assert re.findall(r"<\w|(?<!\\)\[|(?<!\\)\*(?!\*)|(?<!\\)~|(?<!\\)\$", text.replace("**", "")) == []


def test_every_row_of_a_table_in_markdown_has_as_many_cells_as_its_head(example: Example) -> None:
    tables = re.findall(r"(?:^\|.*\n)+", markdown(example[1]), re.MULTILINE)
    sizes = [{len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()} for table in tables]
    assert [size for size in sizes if len(size) != 1] == []


def test_every_kind_of_line_begins_as_it_was_meant(example: Example) -> None:
    lines = [line for line in markdown(example[1]).splitlines() if line]
    assert [line for line in lines[1:] if re.match(r"#(?!# )|> |\s*- (#|>|-|\d+\.) ", line)] == []


@pytest.mark.parametrize("example", ["hostile-long"], indirect=True)
def test_a_very_long_text_leaves_a_document_that_can_be_opened(example: Example, tiny_plan: Plan) -> None:
    assert len(markdown(example[1])) < 10_000
    assert len(failures(example[1], tiny_plan)) < 10_000
