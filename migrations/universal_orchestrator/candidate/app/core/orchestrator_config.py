"""OrchestratorConfig, its enumerations, and migrate_config for legacy settings; drops no setting without saying so."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

logger = logging.getLogger("universal_orchestrator")


class OrchestratorMode(StrEnum):
    """Where the orchestrator runs."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"
    TESTING = "testing"


class AgentRole(StrEnum):
    """What an agent is for."""

    COORDINATOR = "coordinator"
    SPECIALIST = "specialist"
    WORKER = "worker"
    MONITOR = "monitor"
    SECURITY = "security"
    OPTIMIZER = "optimizer"


class TaskPriority(StrEnum):
    """Which task comes first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 comes first."""
        return list(TaskPriority).index(self)


@dataclass(kw_only=True)
class OrchestratorConfig:
    """Limits, budgets in ms and MB, and which plugins are on; ValueError for a negative limit or an unknown mode.

    `enable_production_plugin` is optional: None leaves the plugin off, and no program has to know the field.
    """

    mode: OrchestratorMode = OrchestratorMode.PRODUCTION
    max_agents: int = 100
    max_concurrent_tasks: int = 1000
    max_tasks_per_agent: int = 5
    queue_when_full: bool = True
    max_agent_registration_ms: float = 100.0
    max_task_delegation_ms: float = 500.0
    max_system_initialization_ms: float = 2000.0
    max_memory_mb: float = 50.0
    enable_performance_plugin: bool = False
    enable_security_plugin: bool = False
    enable_context_plugin: bool = False
    enable_automation_plugin: bool = False
    enable_production_plugin: bool | None = None
    log_level: str = "INFO"
    history: int = 200
    sla_percent: float = 95.0
    heartbeat_s: int = 15
    call_timeout_s: int = 30
    services: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.mode = OrchestratorMode(self.mode)
        for name in ("max_agents", "max_concurrent_tasks", "max_tasks_per_agent"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is not negative, unlike {getattr(self, name)}")

    def enabled_plugins(self) -> tuple[str, ...]:
        """Names of the plugins that are on, in the order in which they start."""
        names = ("security", "context", "performance", "automation", "production")
        return tuple(name for name in names if getattr(self, f"enable_{name}_plugin", None))

    def deviations(self) -> dict[str, tuple[Any, Any]]:
        """Settings that differ from the documented ones, each with the documented and the present value."""
        plain = OrchestratorConfig()
        pairs = {field.name: (getattr(plain, field.name), getattr(self, field.name)) for field in fields(self)}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


RENAMED = {
    "max_tasks": "max_concurrent_tasks",
    "tasks_per_agent": "max_tasks_per_agent",
    "legacy_timeout": "call_timeout_s",
}
KEPT = tuple(field.name for field in fields(OrchestratorConfig))
DROPPED: dict[str, str] = {}
"""Legacy settings that mean nothing any more, each with the reason; none so far."""


def migrate_config(old_config: Mapping[str, Any]) -> OrchestratorConfig:
    """The configuration that legacy settings stand for; ValueError for a setting that nobody knows.

    New names pass through, so that migrating twice is migrating once.
    """
    settings: dict[str, Any] = {}
    for name, value in old_config.items():
        if name in DROPPED:
            logger.warning("setting %s is dropped: %s", name, DROPPED[name])
            continue
        new = RENAMED.get(name, name)
        if new not in KEPT:
            raise ValueError(f"unknown setting {name!r}; nothing stands for it")
        settings[new] = value
    # Tasks that nobody could take were never queued by the old orchestrators.
    return replace(OrchestratorConfig(queue_when_full=False), **settings)
