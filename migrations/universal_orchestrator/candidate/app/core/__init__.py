"""One orchestrator, its plugins, and every old import path; old names of this package are the new things themselves."""

from .orchestrator_config import AgentRole, OrchestratorConfig, OrchestratorMode, TaskPriority, migrate_config
from .universal_orchestrator import UniversalOrchestrator, get_universal_orchestrator
from .universal_orchestrator import UniversalOrchestrator as AgentOrchestrator
from .universal_orchestrator import get_universal_orchestrator as get_orchestrator

__all__ = [
    "AgentOrchestrator",
    "AgentRole",
    "OrchestratorConfig",
    "OrchestratorMode",
    "TaskPriority",
    "UniversalOrchestrator",
    "get_orchestrator",
    "get_universal_orchestrator",
    "migrate_config",
]
