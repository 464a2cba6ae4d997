"""PluginManager: registers plugins, starts them, calls their hooks in order; a plugin that fails is named and left out."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from .contract import OrchestratorPlugin, PluginType
from .orchestrator_context import OrchestratorContext

logger = logging.getLogger("universal_orchestrator")
Coordinator = Callable[[str, list[tuple[str, Any]]], Any]


class DependencyError(RuntimeError):
    """A plugin depends on what is not there."""


class PluginManager:
    """Plugins by name. Hooks run before a task by rising priority, after it in the opposite order."""

    def __init__(self, context: OrchestratorContext) -> None:
        self._context = context
        self._plugins: dict[str, OrchestratorPlugin] = {}
        self._active: dict[str, bool] = {}
        self._failures: dict[str, str] = {}
        self._coordinators: dict[str, Coordinator] = {}
        self.conflicts: dict[str, list[str]] = {}

    def register_plugin(self, plugin: OrchestratorPlugin) -> None:
        """Take a plugin; ValueError for a name that is taken, DependencyError for a dependency that is missing.

        It is started before the orchestrator's next deed.
        """
        name = plugin.metadata.name
        if name in self._plugins:
            raise ValueError(f"plugin {name!r} is registered")
        there = {*self._plugins, *self._context.config.services}
        if missing := [each for each in plugin.metadata.dependencies if each not in there]:
            raise DependencyError(f"plugin {name!r} depends on {', '.join(missing)}, which is not there")
        self._plugins[name] = plugin

    async def unregister_plugin(self, name: str) -> None:
        """Switch a plugin off; KeyError for an unknown one, DependencyError while another one depends on it."""
        plugin = self._plugins[name]
        if users := [each for each, other in self._plugins.items() if name in other.metadata.dependencies]:
            raise DependencyError(f"plugin {name!r} is needed by {', '.join(users)}")
        del self._plugins[name]
        self._failures.pop(name, None)
        self.conflicts = {key: names for key, names in self.conflicts.items() if name not in names}
        if self._active.pop(name, False):
            await plugin.cleanup()

    def get_plugins(self, plugin_type: PluginType | None = None) -> list[OrchestratorPlugin]:
        """Plugins of a type, or all."""
        return [plugin for plugin in self._plugins.values() if plugin_type in (None, plugin.metadata.plugin_type)]

    def is_active(self, name: str) -> bool:
        """Whether the plugin has been started and could be."""
        return self._active.get(name, False)

    def coordinate(self, key: str, choose: Coordinator) -> None:
        """Where several plugins write the same key of a task's context, `choose(key, [(plugin, value)])` decides."""
        self._coordinators[key] = choose

    async def activate(self) -> None:
        """Start what has not been started yet."""
        for name, plugin in list(self._plugins.items()):
            if name not in self._active:
                self._active[name] = False
                self._active[name] = bool(await plugin.initialize(self._context))

    async def before_task(self, context: dict[str, Any]) -> dict[str, Any]:
        """The context after all plugins; who writes the same key as another is noted in `conflicts`."""
        written: dict[str, list[tuple[str, Any]]] = {}
        for plugin in self._ordered():
            try:
                changed = await plugin.pre_task_execution(dict(context))
            except Exception as error:  # noqa: BLE001 - a plugin of somebody else may raise anything
                self._failed(plugin, error)
                continue
            for key, value in changed.items():
                if key not in context or context[key] != value:
                    written.setdefault(key, []).append((plugin.metadata.name, value))
            context = changed
        for key, values in written.items():
            if len(values) > 1:
                context[key] = self._settle(key, values, context[key])
        return context

    async def after_task(self, context: dict[str, Any], result: Any) -> Any:
        """The result after all plugins, in the opposite order."""
        for plugin in reversed(self._ordered()):
            try:
                result = await plugin.post_task_execution(context, result)
            except Exception as error:  # noqa: BLE001 - a plugin of somebody else may raise anything
                self._failed(plugin, error)
        return result

    async def allows(self, action: str, details: Mapping[str, Any]) -> bool:
        """Whether no plugin objects."""
        for plugin in self._ordered():
            if not await plugin.allows(action, details):
                return False
        return True

    async def health(self) -> dict[str, dict[str, Any]]:
        """What each plugin says of itself; whoever is not healthy is logged with its name."""
        reports: dict[str, dict[str, Any]] = {}
        for name, plugin in self._plugins.items():
            if not self.is_active(name):
                report = {"status": "inactive"}
            elif name in self._failures:
                report = {"status": "failing", "reason": self._failures[name]}
            else:
                report = await plugin.health_check()
            if report["status"] != "healthy":
                logger.warning("Plugin %s health issue: %s", name, report)
            reports[name] = report
        return reports

    async def shutdown(self) -> None:
        """End all plugins, the last one first."""
        for name in reversed(list(self._plugins)):
            plugin = self._plugins.pop(name)
            if self._active.pop(name, False):
                await plugin.cleanup()

    def _ordered(self) -> list[OrchestratorPlugin]:
        active = [plugin for name, plugin in self._plugins.items() if self.is_active(name)]
        return sorted(active, key=lambda plugin: plugin.metadata.priority)

    def _settle(self, key: str, values: list[tuple[str, Any]], last: Any) -> Any:
        self.conflicts[key] = [name for name, _ in values]
        if key in self._coordinators:
            return self._coordinators[key](key, values)
        logger.warning("plugins %s all write %s; the last one wins", ", ".join(self.conflicts[key]), key)
        return last

    def _failed(self, plugin: OrchestratorPlugin, error: Exception) -> None:
        self._failures[plugin.metadata.name] = f"{type(error).__name__}: {error}"
        logger.error("plugin %s failed in a hook: %s", plugin.metadata.name, self._failures[plugin.metadata.name])
