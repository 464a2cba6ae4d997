"""Whatever is done to a plan's text, it is read or refused: never a traceback."""

from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from godwit.plan import Catalogue, Plan, lint, load_plan, tree
from godwit.verdict import PlanError

GOOD = sorted((Path(__file__).parent / "good").glob("*.yaml"))
LINES = {path: path.read_text(encoding="utf-8").splitlines() for path in GOOD}
WORDS = [
    "", "~", "[]", "{}", "x", "0", "-1", "1.5", "1e999", ".inf", "true", "yes", "5%", "90s", "2025-01-01", "[x]", "{x: y}",
    "*a", "&a x", "!t x", "'", '"\\ud800"', "? [a]", "- x", "<<: {}", "9" * 5000, "ö", "\u200f", "${X}", "|", "%", "#", "\t",
    "a: b: c", "0x", "0b2", "1_0", "12:30:45", "[[[[", "\ufeff", "---", "...", "\u2028", "=", "0o9", "-0",
]  # fmt: skip
CATALOGUE = Catalogue(suites={"compatibility": ("same-answers",)}, metrics=frozenset({"response_ms"}))
SETTINGS = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def read(folder: Path, text: str) -> Plan | None:
    """The plan, or None if it was refused."""
    path = folder / "plan.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    said = str(path)
    plan = None
    try:
        plan = load_plan(path, {"X": "y"}, CATALOGUE)
    except PlanError as refusal:
        said = str(refusal)
    assert said.startswith(str(path))
    return plan


def walked(plan: Plan | None) -> None:
    """A plan that was read can be linted, and printed or refused."""
    if plan is None:
        return
    lint(plan, CATALOGUE)
    if plan.stacks.baseline.drivers.process and plan.stacks.candidate.drivers.process:
        tree(plan.model_copy(update={"stacks": plan.stacks.model_copy(update={"router": None})}), "process")


@SETTINGS
@given(path=st.sampled_from(GOOD), place=st.integers(0, 400), word=st.sampled_from(WORDS), keep=st.booleans())
def test_a_changed_value_is_read_or_refused(tmp_path: Path, path: Path, place: int, word: str, keep: bool) -> None:
    lines = LINES[path].copy()
    place %= len(lines)
    head, colon, _ = lines[place].partition(":")
    lines[place] = f"{head}{colon} {word}" if keep else f"{lines[place][: place % 40]}{word}"
    walked(read(tmp_path, "\n".join(lines)))


@SETTINGS
@given(path=st.sampled_from(GOOD), chosen=st.lists(st.integers(0, 400), min_size=1, max_size=4), twice=st.booleans())
def test_lost_and_doubled_lines_are_read_or_refused(tmp_path: Path, path: Path, chosen: list[int], twice: bool) -> None:
    lines = LINES[path]
    hit = {each % len(lines) for each in chosen}
    kept = [line for place, line in enumerate(lines) for _ in range(1 if place not in hit else 2 * twice)]
    walked(read(tmp_path, "\n".join(kept)))


@SETTINGS
@given(path=st.sampled_from(GOOD), place=st.integers(0, 9000), text=st.text(max_size=4), cut=st.integers(0, 9))
def test_a_changed_letter_is_read_or_refused(tmp_path: Path, path: Path, place: int, text: str, cut: int) -> None:
    whole = "\n".join(LINES[path])
    place %= len(whole)
    walked(read(tmp_path, whole[:place] + text + whole[place + cut :]))


@SETTINGS
@given(text=st.text(alphabet="abc:-[]{}&*!|>'\"%@`#,? \n\t0123.~<=", max_size=80))
@example(text="? ")
@example(text="&")
def test_any_text_is_read_or_refused(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, f"plan_version: 1\n{text}") is None
