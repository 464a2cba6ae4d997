"""Counts migrations and reports on them; an unknown segment or method is a KeyError, as its users expect."""

import json
from collections.abc import Mapping
from typing import Any

from . import durable
from .places import Home

MINUTE_S = 60


class MigrationMetrics:
    """The counters; durations are in seconds, the average is in minutes."""

    def __init__(self, known: Mapping[str, Any] | None = None) -> None:
        self.metrics: dict[str, Any] = {
            "migration_attempts": 0,
            "successful_migrations": 0,
            "failed_migrations": 0,
            "rollbacks": 0,
            "support_requests": 0,
            "user_segments": {"novice": 0, "intermediate": 0, "advanced": 0},
            "migration_methods": {"guided": 0, "automated": 0, "manual": 0},
            "failure_reasons": {},
            "average_migration_time": 0,
            "user_satisfaction": [],
            **(known or {}),
        }

    @classmethod
    def load(cls, home: Home) -> "MigrationMetrics":
        """The counters beside a home; fresh ones when there are none or they cannot be read."""
        try:
            return cls(json.loads(home.metrics.read_bytes()))
        except (OSError, ValueError):
            return cls()

    def save(self, home: Home) -> None:
        """Keeps them beside the home."""
        durable.write_json(home.metrics, self.metrics)

    def track_migration_attempt(self, user_profile: str, method: str) -> None:
        """One attempt of a segment (novice, intermediate, advanced) by a method; KeyError for others, nothing counted."""
        segments, methods = self.metrics["user_segments"], self.metrics["migration_methods"]
        segments[user_profile], methods[method] = segments[user_profile] + 1, methods[method] + 1
        self.metrics["migration_attempts"] += 1

    def record_migration_result(self, success: bool, duration: int, failure_reason: str | None = None) -> None:
        """One result after so many seconds."""
        self.metrics["successful_migrations" if success else "failed_migrations"] += 1
        if failure_reason and not success:
            reasons = self.metrics["failure_reasons"]
            reasons[failure_reason] = reasons.get(failure_reason, 0) + 1
        self._update_average_duration(duration)

    def record_rollback(self) -> None:
        """One rollback."""
        self.metrics["rollbacks"] += 1

    def generate_migration_report(self) -> dict[str, Any]:
        """Summary, adoption, methods, failures and what they advise."""
        attempts = self.metrics["migration_attempts"]
        rate = self.metrics["successful_migrations"] / attempts * 100 if attempts else 0
        return {
            "summary": {
                "total_attempts": attempts,
                "success_rate": f"{rate:.1f}%",
                "average_duration": f"{self.metrics['average_migration_time']:.1f} minutes",
            },
            "user_adoption": self.metrics["user_segments"],
            "method_preference": self.metrics["migration_methods"],
            "failure_analysis": self.metrics["failure_reasons"],
            "recommendations": self._generate_recommendations(),
        }

    def _update_average_duration(self, duration: int) -> None:
        results = self.metrics["successful_migrations"] + self.metrics["failed_migrations"]
        before = self.metrics["average_migration_time"] * (results - 1)
        self.metrics["average_migration_time"] = (before + duration / MINUTE_S) / results

    def _generate_recommendations(self) -> list[str]:
        found = [
            f"Look into {reason}: {count} migrations failed with it"
            for reason, count in sorted(self.metrics["failure_reasons"].items(), key=lambda each: -each[1])
        ]
        if self.metrics["failed_migrations"] > self.metrics["successful_migrations"]:
            found.append("Prefer guided migrations until more succeed than fail")
        return found
