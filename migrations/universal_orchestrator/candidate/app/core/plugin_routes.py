"""What only the universal orchestrator answers: full status, configuration and plugins, which may be switched at once."""

import importlib
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, HTTPException

from .orchestrator_plugins import DependencyError
from .settings import FLAGS, as_json
from .universal_orchestrator import UniversalOrchestrator


def plugin_routes(orchestrator: Callable[[], UniversalOrchestrator]) -> APIRouter:
    """Everything under /api/v2."""
    router = APIRouter(prefix="/api/v2", tags=["universal"])

    @router.get("/status")
    async def status() -> dict[str, Any]:
        return await orchestrator().get_system_status()

    @router.get("/config")
    async def config() -> dict[str, Any]:
        return as_json(orchestrator().config)

    @router.get("/alerts")
    async def alerts() -> dict[str, Any]:
        return {"alerts": list(orchestrator().context.alerts)}

    @router.get("/plugins")
    async def plugins() -> dict[str, Any]:
        return {"plugins": _names(orchestrator())}

    @router.put("/plugins")
    async def switch(flags: dict[str, bool]) -> dict[str, Any]:
        if unknown := sorted(set(flags) - set(FLAGS)):
            raise HTTPException(422, f"unknown flag {', '.join(unknown)}")
        for flag, is_on in flags.items():
            await _switch(orchestrator(), flag, is_on)
        return {"plugins": _names(orchestrator())}

    return router


async def _switch(orchestrator: UniversalOrchestrator, flag: str, is_on: bool) -> None:
    name, plugins = flag.removeprefix("enable_").removesuffix("_plugin"), orchestrator.plugin_manager
    if is_on == (name in _names(orchestrator)):
        return
    try:
        if is_on:
            module = importlib.import_module(f".orchestrator_plugins.{name}_plugin", __package__)
            plugins.register_plugin(module.PLUGIN())
            await plugins.activate()
        else:
            await plugins.unregister_plugin(name)
    except DependencyError as error:
        raise HTTPException(409, str(error)) from error
    setattr(orchestrator.config, flag, is_on)


def _names(orchestrator: UniversalOrchestrator) -> list[str]:
    return [plugin.metadata.name for plugin in orchestrator.plugin_manager.get_plugins()]
