"""The figures of all migrations: counters, averages, the report and its words."""

import json
import random
from pathlib import Path

from pip_package.proofs.proof import Place, part
from plumbing.proof import Proof

COUNTERS = ("migration_attempts", "successful_migrations", "failed_migrations", "rollbacks", "support_requests")
REPORT = {"summary", "user_adoption", "method_preference", "failure_analysis", "recommendations"}


def prove(proof: Proof, folder: Path) -> None:
    """All of it."""
    made = part("metrics").MigrationMetrics
    fresh = made()
    for name in COUNTERS:
        proof.that(f"{name} begin at 0", fresh.metrics[name] == 0)
    proof.that("three segments", set(fresh.metrics["user_segments"]) == {"novice", "intermediate", "advanced"})
    proof.that("three methods", set(fresh.metrics["migration_methods"]) == {"guided", "automated", "manual"})
    proof.that("satisfaction is collected", fresh.metrics["user_satisfaction"] == [])
    empty = fresh.generate_migration_report()
    proof.that("the report has its five parts", set(empty) == REPORT)
    proof.that(
        "without attempts the rate is 0",
        empty["summary"] == {"total_attempts": 0, "success_rate": "0.0%", "average_duration": "0.0 minutes"},
    )
    fresh.track_migration_attempt("novice", "automated")
    counted = fresh.metrics
    proof.that(
        "an attempt counts one of each",
        (counted["migration_attempts"], counted["user_segments"]["novice"], counted["migration_methods"]["automated"])
        == (1, 1, 1),
    )
    proof.refuses("a profile is no segment", KeyError, fresh.track_migration_attempt, "solo-engineer", "guided")
    proof.refuses("an unknown method neither", KeyError, fresh.track_migration_attempt, "novice", "by-post")
    proof.that(
        "what is refused counts nothing",
        counted["migration_attempts"] == 1 and sum(counted["user_segments"].values()) == 1,
    )
    fresh.record_migration_result(True, 90)
    fresh.track_migration_attempt("advanced", "guided")
    fresh.record_migration_result(False, 30, "bad-backup")
    said = fresh.generate_migration_report()
    proof.that(
        "half of two",
        said["summary"] == {"total_attempts": 2, "success_rate": "50.0%", "average_duration": "1.0 minutes"},
    )
    proof.that("the reason is counted", said["failure_analysis"] == {"bad-backup": 1})
    proof.that("and leads to advice", any("bad-backup" in line for line in said["recommendations"]))
    fresh.record_migration_result(False, 30)
    proof.that("without a reason none is counted", fresh.metrics["failure_reasons"] == {"bad-backup": 1})
    _any_order(proof, made)
    _kept(proof, Place(folder / "a", "novice"))


def _any_order(proof: Proof, made: type) -> None:
    draw = random.Random(4)
    for _ in range(100):
        each, durations = made(), []
        for _ in range(draw.randint(0, 12)):
            each.track_migration_attempt(
                draw.choice(("novice", "intermediate", "advanced")), draw.choice(("guided", "automated", "manual"))
            )
            durations.append(draw.randint(0, 4000))
            each.record_migration_result(draw.random() < 0.5, durations[-1], draw.choice((None, "a", "b")))
        found = each.metrics
        proof.that(
            "attempts are successes and failures",
            found["migration_attempts"]
            == found["successful_migrations"] + found["failed_migrations"]
            == len(durations),
        )
        average = sum(durations) / len(durations) / 60 if durations else 0
        proof.that("the average is that of all", abs(found["average_migration_time"] - average) < 1e-9)


def _kept(proof: Proof, place: Place) -> None:
    place.orch("migrate-from-git", str(place.source), "--automated", "--offline")
    said = json.loads(place.orch("metrics").stdout)
    proof.that(
        "a migration is counted", said["summary"]["total_attempts"] == 1 and said["summary"]["success_rate"] == "100.0%"
    )
    proof.that(
        "by its segment and method",
        sum(said["user_adoption"].values()) == 1 and said["method_preference"]["automated"] == 1,
    )
    place.orch("restore-migration-backup")
    kept = json.loads((place.folder / ".agent-workflow-keep/metrics.json").read_bytes())
    proof.that("so is a rollback, which keeps the figures", kept["rollbacks"] == 1 and kept["migration_attempts"] == 1)
