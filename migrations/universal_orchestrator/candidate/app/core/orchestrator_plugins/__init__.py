"""What a plugin is made of and what keeps plugins; concrete plugins are loaded by name and not from here."""

from .contract import OrchestratorPlugin, PluginMetadata, PluginType
from .orchestrator_context import OrchestratorContext
from .plugin_manager import DependencyError, PluginManager

__all__ = [
    "DependencyError",
    "OrchestratorContext",
    "OrchestratorPlugin",
    "PluginManager",
    "PluginMetadata",
    "PluginType",
]
