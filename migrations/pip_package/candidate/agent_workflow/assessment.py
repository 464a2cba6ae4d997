"""Says what kind of installation a clone is and which way to move it; changes nothing."""

from datetime import date
from pathlib import Path
from typing import Any

from . import clock
from .legacy import LegacyInstallation
from .refusals import RefusedError

SEGMENTS = ("novice", "intermediate", "advanced")
PATHS = {"novice": "automated", "intermediate": "guided", "advanced": "assisted"}
USED_TO = {"minimal": 0, "basic": 0, "moderate": 1, "complex": 2}


class MigrationAssessment:
    """The assessment of the installation at a path."""

    def __init__(self, source_path: Path) -> None:
        self.source_path = source_path
        self._found = LegacyInstallation(source_path)
        self.assessment: dict[str, Any] = {}

    def analyze_installation(self) -> dict[str, Any]:
        """The nine answers; RefusedError when there is no clone or it cannot be read."""
        self._found.demand()
        self.assessment = {
            "installation_type": self._detect_installation_type(),
            "version": self._found.version,
            "configuration_complexity": self._assess_config_complexity(),
            "projects": self._analyze_projects(),
            "integrations": self._analyze_integrations(),
            "customizations": self._detect_customizations(),
            "data_volume": self._calculate_data_volume(),
            "migration_risk": self._assess_migration_risk(),
            "recommended_path": PATHS[self.segment()],
        }
        return self.assessment

    def segment(self) -> str:
        """The highest of what age, number of projects and customisation say."""
        by_projects = 0 if len(self._found.project_files) <= 1 else 1
        by_custom = 2 if self._found.agent_files else USED_TO[self._assess_config_complexity()]
        return SEGMENTS[max(self._by_age(), by_projects, by_custom)]

    def _by_age(self) -> int:
        """Below three months, below twelve, and from exactly twelve on."""
        months = months_between(self._found.installed, clock.now().date())
        return 0 if months < 3 else 1 if months < 12 else 2

    def _detect_installation_type(self) -> str:
        return "git clone" if (self.source_path / ".git").exists() else "copied folder"

    def _assess_config_complexity(self) -> str:
        """Minimal at 0, basic up to 3, moderate up to 7, complex above; a modified agent file counts twice."""
        score = complexity_score(self._found)
        return "minimal" if score == 0 else "basic" if score <= 3 else "moderate" if score <= 7 else "complex"

    def _analyze_projects(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "path": str(folder), "state": (folder / ".orch-state").is_dir()}
            for name, folder in self._found.projects().items()
        ]

    def _analyze_integrations(self) -> list[str]:
        settings = self._found.settings()
        everything = settings.get("orchestrator.yaml", {})
        discord = "discord" in everything or bool(settings.get("discord-config.yaml"))
        enabled = (everything.get("discord") or {}).get("enabled", True)
        return [*(["Discord"] if discord and enabled else []), *(["Claude API"] if "ai" in everything else [])]

    def _detect_customizations(self) -> dict[str, Any]:
        found = self._found
        inside = found.folder
        return {
            "configuration_files": len(found.config_files),
            "modified_files": [p.relative_to(inside).as_posix() for p in found.yaml_files() if found.is_modified(p)],
            "custom_agents": [p.relative_to(inside).as_posix() for p in found.agent_files],
            "not_read": [p.relative_to(inside).as_posix() for p in found.yaml_files("**/*.yml")],
        }

    def _calculate_data_volume(self) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for item in self._found.inventory():
            sizes[item.category] = sizes.get(item.category, 0) + item.path.lstat().st_size
        return {"total_bytes": sum(sizes.values()), **{f"{name}_bytes": size for name, size in sorted(sizes.items())}}

    def _assess_migration_risk(self) -> str:
        if not self._found.is_compatible:
            return "high"
        return "medium" if self._found.agent_files or self._assess_config_complexity() == "complex" else "low"


def complexity_score(found: LegacyInstallation) -> int:
    """One for each modified YAML file, two for a .env in the root, one for each agent file."""
    modified = sum(1 for path in found.yaml_files() if found.is_modified(path))
    return modified + 2 * (found.folder / ".env").exists() + len(found.agent_files)


def months_between(start: date | None, end: date) -> int:
    """Whole months; an installation without a date counts as new."""
    if start is None:
        return 0
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (1 if end.day < start.day else 0)


def demand_compatible(found: LegacyInstallation) -> None:
    """RefusedError when this package does not know how to move that version."""
    if not found.is_compatible:
        raise RefusedError(
            "old-version", f"{found.folder}: version {found.version} cannot be moved; update the clone to v0.9.8 first"
        )
