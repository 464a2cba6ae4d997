"""A plan that is right is read; one that is wrong is refused with every fault, its place and what is allowed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from godwit.plan import Catalogue, Plan, load_plan
from godwit.verdict import PlanError

Golden = Callable[[Path, str], None]

HERE = Path(__file__).parent
BAD = sorted((HERE / "bad").glob("*.yaml"))
GOOD = sorted((HERE / "good").glob("*.yaml"))
CATALOGUE = Catalogue(
    suites={"compatibility": ("same-answers", "same-contract"), "rollback": ("runbooks-work",)},
    metrics=frozenset({"response_ms", "error_rate"}),
    roles=frozenset({"baseline", "candidate", "router"}),
)


def refusal(path: Path, catalogue: Catalogue | None = CATALOGUE) -> str:
    with pytest.raises(PlanError) as refused:
        load_plan(path, catalogue=catalogue)
    return str(refused.value)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_right_plan_is_read(path: Path) -> None:
    plan = load_plan(path)
    assert plan.path == path
    assert plan.migration.id == (path.stem if path.stem != "minimal" else "shop")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_wrong_plan_is_refused_in_these_words(path: Path, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    golden(path.with_suffix(".txt"), refusal(Path(path.name)) + "\n")


def test_every_wrong_plan_has_its_golden_text_and_no_text_is_left_over() -> None:
    assert len(BAD) >= 45
    assert {path.stem for path in BAD} == {path.stem for path in (HERE / "bad").glob("*.txt")}


def test_names_of_the_catalogue_are_not_checked_without_one() -> None:
    assert load_plan(HERE / "bad" / "unknown-suite.yaml").phases[0].suites[0].suite == "compatability"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "plan.yaml") == f"{tmp_path}/plan.yaml: no such file"


def test_a_directory_is_not_a_plan(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: is a directory; name the plan in it, such as {tmp_path}/plan.yaml"


def test_a_plan_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("plan_version: 1\nflags: " + "[" * 5000, encoding="utf-8")
    assert "nested too deeply" in refusal(path)


def test_aliases_do_not_blow_a_plan_up(tmp_path: Path) -> None:
    lines = ["plan_version: 1", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    path = tmp_path / "plan.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert "too large or too deep" in refusal(path)


def test_faults_stand_in_the_order_of_the_file() -> None:
    text = refusal(HERE / "bad" / "many-at-once.yaml")
    lines = [int(line.split(":")[1]) for line in text.splitlines() if ".yaml:" in line]
    assert lines == sorted(lines)
    assert len(lines) == 6


def test_the_caret_points_at_the_word(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("plan_version: 2\n", encoding="utf-8")
    said, line, caret = refusal(path).splitlines()
    assert said.startswith(f"{path}:1:15: plan_version: ")
    assert line[caret.index("^")] == "2"


def test_json_null_may_stand_in_a_body() -> None:
    plan = load_plan(HERE / "good" / "v3-roadmap.yaml")
    assert plan.profiles[0].operations[1].body == {"task": "probe", "notes": None}


def test_a_plan_remembers_the_place_of_its_values() -> None:
    plan = load_plan(HERE / "good" / "minimal.yaml")
    assert plan.place(("phases", 0, "exit")).endswith("minimal.yaml:28:11: phases[0].exit")
    assert plan.place(("phases", 0, "weeks")).endswith("minimal.yaml:24:5: phases[0].weeks")


def test_an_a_a_run_takes_the_baseline_twice_and_keeps_the_path() -> None:
    plan = load_plan(HERE / "good" / "minimal.yaml").with_candidate_as_baseline()
    assert plan.stacks.candidate == plan.stacks.baseline
    assert plan.path.name == "minimal.yaml"


def test_a_run_with_another_seed_keeps_the_path() -> None:
    plan = load_plan(HERE / "good" / "minimal.yaml")
    other = plan.with_seed(plan.migration.seed + 1)
    assert (other.migration.seed - plan.migration.seed, other.path) == (1, plan.path)


def test_a_plan_survives_its_own_json() -> None:
    plan = load_plan(HERE / "good" / "fleet-1.0.5.yaml")
    again = Plan.model_validate(plan.model_dump())
    assert again.model_dump() == plan.model_dump()
