"""What counts as noticed: the promise that is named, with its cause, and never the neighbour; nothing tried is no success."""

import json
from pathlib import Path

from godwit.plan import Defect

from . import defects


def test_the_cause_that_a_neighbour_gives_is_not_the_promises(tmp_path: Path) -> None:
    promise = "preparation/the-mapping-is-kept/tasks"
    checks = [
        {"id": f"m/{promise}", "outcome": "failed", "findings": [{"what": "a", "where": "/x", "reason": "rounded"}]},
        {"id": f"m/{promise}-old", "outcome": "failed", "findings": [{"what": "a", "where": "/x", "reason": "cut"}]},
    ]
    (tmp_path / "verdict.json").write_text(json.dumps({"checks": checks}))
    failed = defects.failed_checks(tmp_path / "verdict.json")
    wanted = {
        cause: Defect(id="d", sentence="d", promise=promise, env={"D": "d"}, cause=cause)
        for cause in ("rounded", "cut")
    }
    assert {cause: defects.Try(each, 10, failed, 1.0, "").is_as_promised for cause, each in wanted.items()} == {
        "rounded": True,
        "cut": False,
    }


def test_of_every_suite_one_defect_is_tried() -> None:
    known = {defect.id: defect for defect in defects.plan_of("orchestration-v2").defects}
    tried = defects.chosen(defects.arguments(["orchestration-v2", "--one-per-suite"]), known)
    suites = [defects.suite_of(defect) for defect in tried]
    assert sorted(suites) == sorted({defects.suite_of(defect) for defect in known.values()})
