"""Each lint is found where it is and nowhere else: a plan without a doubt is changed in one place at a time."""

from pathlib import Path

import pytest

from godwit.plan import LINTS, Catalogue, Lint, Plan, Row, lint, load_plan

HERE = Path(__file__).parent
SOUND = (HERE / "good" / "sound.yaml").read_text(encoding="utf-8")
ROWS = (
    Row("S-1", "Same answers.", "criterion:same", "behaviour", 2),
    Row("S-2", "Few errors.", "check:widen/the-step-holds-its-criterion", "budget", 3),
    Row("S-3", "The owner agrees.", "attestation:owner", "people", 4),
    Row("S-4", "Backups are taken.", "step:prepare/save", "procedure", 5),
    Row("S-5", "Speed is measured.", "waiver:late", "budget", 6),
)
FLOOR = "    limit: {absolute: 200}\n    evidence: {n: 200}\n"
SAME_SPEED = """\
  - id: speed-again
    sentence: Reads are slow.
    metric: response_ms
    statistic: p95
    profile: day
    operation: read
    unit: ms
    comparison: ">"
    limit: {absolute: 300}
    evidence: {n: 200}
phases:
"""
MANY = "\n".join(
    f"    - {{name: more{n}, type: bool, default: false, baseline_value: false, values: [false, true]}}"
    for n in range(9)
)


def matrix(words: str, where: str) -> tuple[str, str, str]:
    """Words about the matrix, put before the flags."""
    return "flags:\n  flags:\n", f"flags:\n  {words}\n  flags:\n", where


def swept(*buckets: str, where: str) -> tuple[str, str, str]:
    """A rollout whose percentages are swept, put before the flags."""
    router = "served_by: {header: X-Side, baseline: a, candidate: b}, user_header: U, team_header: T, assignments: /a, ask: /"
    words = f"rollout:\n  router: {{{router}}}\n  users: {{count: 800}}\n  buckets:\n"
    asked = "evaluators: [{id: e, kind: http, on: router, path: /a}]"
    rows = "".join(f"    - {{id: b{n}, sentence: It., {asked}, {more}}}\n" for n, more in enumerate(buckets))
    return "flags:\n  flags:\n", f"{words}{rows}flags:\n  flags:\n", where


SPEED = "    limit: {absolute: 200}\n"
SPEED_ELSEWHERE = """\
  - id: speed-elsewhere
    sentence: Reads are quick in the morning.
    metric: response_ms
    statistic: p95
    profile: day
    operation: read
    unit: ms
    comparison: "<"
    documented: 100
    limit: {absolute: 150}
    evidence: {n: 200}
phases:
"""
COST_AND_SAVING = """\
  - id: cost
    sentence: It costs less.
    metric: cost_per_task_usd
    statistic: mean
    profile: day
    unit: USD
    comparison: "<="
    documented: 0.012
    limit: {absolute: 0.010}
    evidence: {n: 100}
  - id: saving
    sentence: It saves.
    metric: cost_saving_percent
    statistic: mean
    profile: day
    unit: "%"
    comparison: ">"
    limit: {absolute: 20}
    evidence: {n: 100}
phases:
"""

RUNBOOKS = "runbooks:\n"
NO_RETURN = "point_of_no_return: {phase: prepare, why: It is gone}\n"
ERRORS = """\
    metric: error_rate
    statistic: share
    profile: day
    unit: "%"
    comparison: "<"
    limit: {absolute: 1}
"""


def counted(limit: float) -> str:
    """The same line about failures, of a metric whose share godwit counts, with another limit."""
    return ERRORS.replace("error_rate", "error_rate_percent").replace("absolute: 1", f"absolute: {limit}")


ALERT = "attestations:\n  items:\n"
AVERAGE = SAME_SPEED.replace("statistic: p95", "statistic: mean").replace(
    'comparison: ">"\n    limit: {absolute: 300}', 'comparison: "<"\n    limit: {absolute: 200}'
)


def alerted(comparison: str, limit: int) -> tuple[str, str, str]:
    """An alert about the time of responses, put before the attestations."""
    words = f'metric: response_ms, comparison: "{comparison}", limit: {limit}, for_s: 1m, level: warning, sink: log'
    return ALERT, f"alerts:\n  - {{id: slow, {words}}}\n{ALERT}", "alerts[0].limit"


CHANGES: dict[str, tuple[str, str, str]] = {
    "alert-inside-gate": alerted(">", 150),
    "alert-looser-than-gate": alerted(">", 250),
    "backup-never-taken": ("{id: save, backup: full}", "{id: save, run: [noop]}", "runbooks[0].backup"),
    "backup-window": ("directory: backups}", "directory: backups, schedule: daily}", "runbooks[0].backup"),
    "baseline-fails-limit": (SPEED, SPEED + "    documented: 200\n", "criteria[3].limit"),
    "buffer-not-there": ("end: 2025-02-16}", "end: 2025-02-20, buffer_s: 7d}", "migration.calendar"),
    "calendar-backwards": ("end: 2025-02-16", "end: 2025-01-16", "migration.calendar"),
    "downtime-admitted": ("    max_s: 5m\n", "    max_s: 5m\n    max_downtime_s: 2m\n", "runbooks[0].max_downtime_s"),
    "check-of-another-phase": ('checks: ["*/same-answers"]', 'checks: ["*/same-answers", widen/same-answers]', "criteria[0].checks[1]"),
    "constraint-allows-nothing": matrix("constraints: [use and not use]", "flags.constraints[0]"),
    "default-forbidden": matrix("constraints: [use or share == 0, use or share > 0]", "flags.constraints[1]"),
    "default-not-baseline": ("type: bool, default: false", "type: bool, default: true", "flags.flags[0].default"),
    "downtime-beyond-availability": ("metric: error_rate\n", "metric: error_rate_percent\n    over_s: 8h\n", "runbooks[0]"),
    "evidence-cannot-show": (ERRORS, counted(0.6), "criteria[2].limit"),
    "evidence-out-of-reach": ("duration_s: 30s", "duration_s: 19s", "criteria[3].evidence.n"),
    "evidence-too-thin": (FLOOR, FLOOR.replace("n: 200", "n: 199"), "criteria[3].evidence"),
    "file-not-backed-up": ("    resets_flags: true\n", "    reads: [/b/shop.db]\n    resets_flags: true\n", "runbooks[0].reads[0]"),
    "flags-not-reset": ("resets_flags: true", "resets_flags: false", "runbooks[0].resets_flags"),
    "gates-differ": ("phases:\n", SPEED_ELSEWHERE, "criteria[4].limit"),
    "limits-contradict": ("phases:\n", SAME_SPEED, "gates[1].criteria"),
    "matrix-too-large": ("values: [0, 50, 100]}", "values: [0, 50, 100]}\n" + MANY, "flags.strength"),
    "must-forbidden": matrix("constraints: [use or share < 100]\n  must: [{share: 100, use: false}]", "flags.must[0]"),
    "no-room-for-noise": (SPEED, "    limit: {worse_than_baseline_by: 0%, floor: 0}\n", "criteria[3].limit"),
    "no-way-back": ("from_phases: [prepare, widen]", "from_phases: [widen]", "phases[0]"),
    "phase-without-checks": ("    suites: [{suite: compatibility}]\n", "", "phases[0]"),
    "replicas-differ": ("50, cohorts", "50, replicas: {baseline: 2, candidate: 1}, cohorts", "phases[1].rollout[0].replicas"),
    "reset-not-done": ("{id: off, flags: {use: false, share: 0}}", "{id: off, stop: candidate}", "runbooks[0].resets_flags"),
    "review-before-update": ("next_review: 2025-02-10", "next_review: 2025-01-09", "migration.documents[0]"),
    "rollback-restores-nothing": ("{id: again, restore: full}", "{id: again, stop: candidate}", "runbooks[0].steps"),
    "rollout-before-conversion": ("{id: convert, convert: true}", "{id: convert, run: [noop]}", "phases[1].rollout"),
    "rollout-never-full": ("{share: 100}, percent: 100", "{share: 99}, percent: 99", "phases[1].rollout[1]"),
    "rollout-percent-differs": ("share: 50}, percent: 50", "share: 40}, percent: 50", "phases[1].rollout[0].flags.share"),
    "rollout-shrinks": ("{share: 100}, percent: 100", "{share: 40}, percent: 40", "phases[1].rollout[1]"),
    "row-covered-twice": ("covers: [S-2]", "covers: [S-2, S-1]", "criteria[2].covers[1]"),
    "covers-unknown-row": ("covers: [S-2]", "covers: [S-22]", "criteria[2].covers[0]"),
    "saving-needs-more": ("phases:\n", COST_AND_SAVING, "criteria[4].limit"),
    "shares-not-whole": ("path: /write, share: 50%", "path: /write, share: 40%", "profiles[0].operations"),
    "soak-beyond-calendar": ("end: 2025-02-16", "end: 2025-02-06", "migration.calendar"),
    "soak-beyond-weeks": ("soak_s: 3d", "soak_s: 6d", "phases[1].rollout"),
    "statistics-differ": ("phases:\n", AVERAGE, "criteria[4].statistic"),
    "stop-start": ("{id: hold, traffic: hold}", "{id: hold, run: [noop]}", "phases[0].steps[2]"),
    "strength-too-high": matrix("strength: 3", "flags.strength"),
    "trigger-inside-gate": ("limit: {absolute: 1}\n    window_s", "limit: {absolute: 0.5}\n    window_s", "triggers[0].limit"),
    "trigger-looser-than-gate": ("limit: {absolute: 1}\n    window_s", "limit: {absolute: 5}\n    window_s", "triggers[0].limit"),
    "unfilled-name": ("data_loss: what", "data_loss: ${WHAT}", "runbooks[0].data_loss"),
    "unused": ("cohorts: [qa], ", "", "cohorts[0].id"),
    "users-differ": swept("resolution: 1%", "resolution: 1%, users: 900, apart_from: [b0]", where="rollout.buckets[1].apart_from[0]"),
    "users-too-few": swept("resolution: 1%", "resolution: 0.5%", where="rollout.buckets[1].resolution"),
    "value-never-tried": matrix("constraints: [share != 50]", "flags.flags[1].values[1]"),
    "way-back-after-no-return": (RUNBOOKS, f"{NO_RETURN}{RUNBOOKS}", "runbooks[0].from_phases[1]"),
    "weeks-backwards": ("weeks: [2, 2]", "weeks: [2, 1]", "phases[1].weeks"),
    "weeks-beyond-calendar": ("weeks: [2, 2]", "weeks: [3, 3]", "phases[1].weeks"),
    "weeks-out-of-order": ("weeks: [1, 1]", "weeks: [1, 3]", "phases[1].weeks"),
    "worse-than-documented": (SPEED, SPEED + "    documented: 150\n", "criteria[3].limit"),
    "wrong-restore": ("    backup: full\n    resets", "    resets", "runbooks[0].backup"),
}  # fmt: skip
BY_OTHER_TESTS = {
    "coverage", "element-never-asked", "judge-without-baseline", "reading", "reading-answers-nothing", "row-answer-unknown",
    "row-twice", "row-unanswered", "waived-twice", "benchmark-never-judged", "benchmark-not-there",
}  # fmt: skip


def written(tmp_path: Path, text: str) -> Plan:
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return load_plan(path)


def changed(tmp_path: Path, old: str, new: str) -> Plan:
    assert SOUND.count(old), f"the sound plan no longer says {old!r}"
    text = SOUND.replace(old, new, 1)
    if "speed-elsewhere" in new:
        text = text.replace("criteria: [same, signed]", "criteria: [same, signed, speed-elsewhere]")
        text = text.replace(SPEED, SPEED + "    documented: 100\n", 1)
    if "- id: saving" in new:
        text = text.replace("criteria: [errors, speed]", "criteria: [errors, speed, cost, saving]")
    if "speed-again" in new:
        text = text.replace("criteria: [errors, speed]", "criteria: [errors, speed, speed-again]")
    return written(tmp_path, text)


def found(lints: tuple[Lint, ...]) -> dict[str, Lint]:
    return {each.id: each for each in lints if each.id not in ("reading", "coverage")}


def test_a_sound_plan_has_no_doubt() -> None:
    assert found(lint(load_plan(HERE / "good" / "sound.yaml"), answers=ROWS)) == {}


@pytest.mark.parametrize("name", CHANGES)
def test_one_change_is_found_at_its_place(name: str, tmp_path: Path) -> None:
    old, new, where = CHANGES[name]
    lints = found(lint(changed(tmp_path, old, new), answers=ROWS))
    assert lints[name].where.endswith(where)
    assert lints[name].level == LINTS[name][0]
    assert str(lints[name]).startswith(f"{tmp_path}/plan.yaml:")


def test_a_share_that_the_load_can_show_is_no_doubt(tmp_path: Path) -> None:
    lints = found(lint(changed(tmp_path, ERRORS, counted(0.62)), answers=ROWS))  # 600 requests show 0.613 %
    assert lints == {}


def test_only_the_sharpest_alert_leaves_a_range_untold(tmp_path: Path) -> None:
    old, new, _ = alerted(">", 250)
    later = new.replace("{id: slow", "{id: later").replace("limit: 250", "limit: 300").splitlines()[1]
    lints = lint(changed(tmp_path, old, new.replace(ALERT, f"{later}\n{ALERT}")), answers=ROWS)
    assert [each.where.rpartition(" ")[2] for each in lints if each.id == "alert-looser-than-gate"] == [
        "alerts[0].limit"
    ]


def test_every_lint_has_a_test() -> None:
    assert set(CHANGES) | BY_OTHER_TESTS == set(LINTS)
    assert not set(CHANGES) & BY_OTHER_TESTS


@pytest.mark.parametrize("name", sorted(set(CHANGES) - {"covers-unknown-row", "row-covered-twice"}))
def test_one_change_gives_no_flood_of_lints(name: str, tmp_path: Path) -> None:
    old, new, _ = CHANGES[name]
    assert len(found(lint(changed(tmp_path, old, new), answers=ROWS))) <= 3


def test_a_gate_whose_phase_runs_no_check_of_a_criterion_is_named(tmp_path: Path) -> None:
    text = SOUND.replace('checks: ["*/same-answers"]', "checks: [prepare/same-answers]")
    text = text.replace("criteria: [errors, speed]", "criteria: [errors, speed, same]")
    lints = found(lint(written(tmp_path, text), answers=ROWS))
    assert lints.keys() == {"check-of-another-phase"}
    assert "no check of same runs in phase widen" in lints["check-of-another-phase"].message


def test_a_judge_of_a_step_that_leaves_nobody_on_the_baseline_is_found(tmp_path: Path) -> None:
    errors = "{id: e, metric: error_rate_percent, kind: count, worse: higher, tolerance: 0%, floor: 1, min_n: 9}"
    text = SOUND.replace("{share: 100}, percent: 100", "{share: 100}, looks: 2, judge: canary, percent: 100")
    text = text.replace("phases:\n", f"judges: [{{id: canary, alpha: 0.01, metrics: [{errors}]}}]\nphases:\n", 1)
    lints = found(lint(written(tmp_path, text), answers=ROWS))
    assert lints.keys() == {"judge-without-baseline"}
    assert lints["judge-without-baseline"].where.endswith("phases[1].rollout[1].judge")


def test_a_strength_of_more_flags_than_a_group_has_is_found_there(tmp_path: Path) -> None:
    group = "flags:\n  stronger: [{flags: [use, share], strength: 3}]\n  flags:\n"
    lints = found(lint(changed(tmp_path, "flags:\n  flags:\n", group)))
    assert lints["strength-too-high"].where.endswith("flags.stronger[0].strength")


def test_constraints_that_only_together_allow_nothing_are_found(tmp_path: Path) -> None:
    both = "flags:\n  constraints: [use, not use]\n  flags:\n"
    lints = found(lint(changed(tmp_path, "flags:\n  flags:\n", both)))
    assert lints["constraint-allows-nothing"].where.endswith("flags.constraints")


def test_a_strength_that_asks_for_millions_of_combinations_is_found(tmp_path: Path) -> None:
    many = "\n".join(MANY.replace("more", f"more{n}") for n in range(10))
    text = SOUND.replace("values: [0, 50, 100]}", "values: [0, 50, 100]}\n" + many)
    lints = found(lint(written(tmp_path, text.replace("flags:\n  flags:\n", "flags:\n  strength: 5\n  flags:\n"))))
    assert "write a lower one" in lints["matrix-too-large"].message


def test_an_array_that_must_have_too_many_cases_is_found(tmp_path: Path) -> None:
    values = ", ".join(map(str, range(50)))
    wide = "\n".join(
        f"    - {{name: wide{n}, type: number, default: 0, baseline_value: 0, values: [{values}]}}" for n in range(2)
    )
    text = SOUND.replace("values: [0, 50, 100]}", "values: [0, 50, 100]}\n" + wide)
    lints = found(lint(written(tmp_path, text.replace("flags:\n  flags:\n", "flags:\n  strength: 2\n  flags:\n"))))
    assert "at least 2,500 cases" in lints["matrix-too-large"].message


def test_errors_stand_before_warnings_and_warnings_before_notes(tmp_path: Path) -> None:
    text = SOUND.replace("directory: backups}", "directory: backups, schedule: daily}").replace("cohorts: [qa], ", "")
    lints = lint(written(tmp_path, text.replace("type: bool, default: false", "type: bool, default: true")))
    assert [each.level for each in lints] == ["error", "warning", "note"]


def with_reading(answers: str, text: str = SOUND) -> str:
    reading = f"    - {{id: X-9, conflict: Ends at half., reading: The last step is 100 %., answers: [{answers}]}}\n"
    return text.replace("  criteria_file: criteria.csv\n", f"  readings:\n{reading}")


def test_a_reading_is_shown(tmp_path: Path) -> None:
    (note,) = lint(written(tmp_path, with_reading("")))
    assert (note.id, note.level) == ("reading", "note")
    assert note.message == "reading taken of X-9: Ends at half. -> The last step is 100 %."


def test_a_reading_turns_its_warning_into_a_note_that_quotes_it(tmp_path: Path) -> None:
    text = SOUND.replace("{share: 100}, percent: 100", "{share: 99}, percent: 99")
    note = found(lint(written(tmp_path, with_reading("rollout-never-full", text))))["rollout-never-full"]
    assert note.level == "note"
    assert note.message.endswith("; answered by reading X-9: The last step is 100 %.")


@pytest.mark.parametrize("name", ["limits-contradict", "rollout-never-ful"], ids=["an-error", "unknown"])
def test_a_reading_cannot_answer_an_error_or_nothing(name: str, tmp_path: Path) -> None:
    error = found(lint(written(tmp_path, with_reading(name))))["reading-answers-nothing"]
    assert error.where.endswith("migration.readings[0].answers[0]")
    assert error.message.startswith(f"'{name}' is no lint that a reading can answer")


def test_a_criterion_waived_twice_is_found(tmp_path: Path) -> None:
    again = "  - {id: again, criteria: [speed], owner: Shop, reason: Still., expires: 2025-03-01}\n"
    assert found(lint(written(tmp_path, SOUND + again)))["waived-twice"].where.endswith("waivers[1].criteria[0]")


def test_a_phase_whose_suites_promise_nothing_has_no_checks() -> None:
    plan = load_plan(HERE / "good" / "sound.yaml")
    lints = found(lint(plan, Catalogue(suites={"compatibility": ()})))
    assert lints["phase-without-checks"].where.endswith("phases[0]")


def test_a_gate_that_asks_only_people_needs_no_checks(tmp_path: Path) -> None:
    text = SOUND.replace("    suites: [{suite: compatibility}]\n", "").replace(
        "criteria: [same, signed]", "criteria: [signed]"
    )
    assert "phase-without-checks" not in found(lint(written(tmp_path, text)))


def test_equal_limits_contradict_only_if_both_exclude_the_limit(tmp_path: Path) -> None:
    exact = SAME_SPEED.replace('">"', '">="').replace("300", "200")
    assert "limits-contradict" in found(lint(changed(tmp_path, "phases:\n", exact)))
    touching = SOUND.replace(
        'comparison: "<"\n    limit: {absolute: 200}', 'comparison: "<="\n    limit: {absolute: 200}'
    )
    text = touching.replace("phases:\n", exact, 1).replace("[errors, speed]", "[errors, speed, speed-again]")
    assert "limits-contradict" not in found(lint(written(tmp_path, text)))


def test_a_reason_makes_a_thin_floor_acceptable(tmp_path: Path) -> None:
    plan = changed(tmp_path, FLOOR, FLOOR.replace("n: 200", "n: 50, why: reads are rare"))
    assert found(lint(plan, answers=ROWS)) == {}


def test_a_plan_that_was_not_read_from_a_file_is_linted_by_path() -> None:
    plan = Plan.model_validate(load_plan(HERE / "good" / "minimal.yaml").model_dump())
    assert [each.where for each in lint(plan)] == ["phases[0]"]
