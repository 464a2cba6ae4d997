"""Defects that can be seeded into the candidate's Python, each as a patch at start; production code knows none.

Everything under `app` is imported by name: the candidate's sources root is on the path of its own processes only.
"""

import asyncio
import importlib
import os
from types import ModuleType
from typing import Any

from plumbing.defects import DefectTable

DEFECTS = DefectTable()
SLOW_S = 0.15
HOG_BYTES = 70 * 1024 * 1024


def _core(name: str) -> ModuleType:
    return importlib.import_module(f"app.core.{name}")


@DEFECTS.defect("renamed-parameter", part="candidate", sentence="register_agent takes skills instead of capabilities.")
def _renamed_parameter() -> None:
    kind = _core("orchestrator").AgentOrchestrator
    whole = kind.register_agent

    def register_agent(self: Any, agent_id: str, role: str = "worker", skills: Any = (), metadata: Any = None) -> Any:
        return whole(self, agent_id, role, skills, metadata)

    kind.register_agent = register_agent


@DEFECTS.defect("changed-default", part="candidate", sentence="An agent without a role is a specialist.")
def _changed_default() -> None:
    kind = _core("orchestrator").AgentOrchestrator
    kind.register_agent.__defaults__ = ("specialist", (), None)


@DEFECTS.defect("became-async", part="candidate", sentence="route_task has to be awaited.")
def _became_async() -> None:
    kind = _core("performance_orchestrator").PerformanceOrchestrator
    whole = kind.route_task

    async def route_task(self: Any, task: str, skills: Any = (), cost: float = 1.0) -> Any:
        return whole(self, task, skills, cost)

    kind.route_task = route_task


@DEFECTS.defect("other-exception", part="candidate", sentence="Nobody available is a RuntimeError.")
def _other_exception() -> None:
    module = _core("production_orchestrator")
    kind, expected = module.ProductionOrchestrator, module.NoAgentAvailableError
    whole = kind.delegate_task

    def delegate_task(self: Any, task: Any) -> Any:
        try:
            return whole(self, task)
        except expected as error:
            raise RuntimeError(str(error)) from None

    kind.delegate_task = delegate_task


@DEFECTS.defect("false-for-none", part="candidate", sentence="route_task says False where nobody can.")
def _false_for_none() -> None:
    kind = _core("performance_orchestrator").PerformanceOrchestrator
    whole = kind.route_task
    kind.route_task = lambda self, task, skills=(), cost=1.0: whole(self, task, skills, cost) or False


@DEFECTS.defect("alias-is-a-copy", part="candidate", sentence="The alias of the package is a subclass.")
def _alias_is_a_copy() -> None:
    package = importlib.import_module("app.core")
    package.AgentOrchestrator = type("AgentOrchestrator", (package.UniversalOrchestrator,), {})  # type: ignore[attr-defined]


@DEFECTS.defect("any-capability", part="candidate", sentence="One of the needed capabilities is enough.")
def _any_capability() -> None:
    def able(self: Any, needs: Any) -> list[Any]:
        wanted = frozenset(needs)
        return [agent for agent in self.agents.values() if not wanted or wanted & agent.capabilities]

    _core("roster").Roster.able = able


@DEFECTS.defect("priority-ignored", part="candidate", sentence="Waiting tasks are served as they came.")
def _priority_ignored() -> None:
    _core("orchestrator_config").TaskPriority.rank = property(lambda self: 0)


@DEFECTS.defect("drops-setting", part="candidate", sentence="tasks_per_agent is dropped without a word.")
def _drops_setting() -> None:
    module = _core("orchestrator_config")
    del module.RENAMED["tasks_per_agent"]
    module.DROPPED["tasks_per_agent"] = "nobody said why"


@DEFECTS.defect("wrong-setting", part="candidate", sentence="max_tasks becomes the number of agents.")
def _wrong_setting() -> None:
    _core("orchestrator_config").RENAMED["max_tasks"] = "max_agents"


@DEFECTS.defect("hook-order", part="candidate", sentence="Hooks are called in the order of registration.")
def _hook_order() -> None:
    kind = _core("orchestrator_plugins").PluginManager
    kind._ordered = lambda self: [  # noqa: SLF001 - a defect reaches inside
        each for each in self.get_plugins() if self.is_active(each.metadata.name)
    ]


@DEFECTS.defect("status-key-missing", part="candidate", sentence="The status lacks error_rate_percent.")
def _status_key_missing() -> None:
    kind = _core("universal_orchestrator").UniversalOrchestrator
    whole = kind.get_system_status

    async def get_system_status(self: Any) -> dict[str, Any]:
        status: dict[str, Any] = await whole(self)
        del status["performance"]["error_rate_percent"]
        return status

    kind.get_system_status = get_system_status


@DEFECTS.defect("changes-argument", part="candidate", sentence="delegate_task writes the agent into the caller's dict.")
def _changes_argument() -> None:
    kind = _core("production_orchestrator").ProductionOrchestrator
    whole = kind.delegate_task

    def delegate_task(self: Any, task: Any) -> Any:
        task["agent"] = whole(self, task)
        return task["agent"]

    kind.delegate_task = delegate_task


@DEFECTS.defect("callback-order", part="candidate", sentence="A task's own callback comes before the common one.")
def _callback_order() -> None:
    kind = _core("callback_orchestrator").CallbackOrchestrator
    whole = kind.finish

    def finish(self: Any, task: str, value: Any = None) -> None:
        then = self._then.get(task)
        if then:
            then(value)
            self._then[task] = None
        whole(self, task, value)

    kind.finish = finish


@DEFECTS.defect("new-builder", part="candidate", sentence="A call of the chain returns a builder of its own.")
def _new_builder() -> None:
    import copy

    kind = _core("orchestrator_builder").OrchestratorBuilder
    whole = kind.named
    kind.named = lambda self, name: copy.copy(whole(self, name))


@DEFECTS.defect("swallows-exceptions", part="candidate", sentence="A session swallows what is raised in it.")
def _swallows_exceptions() -> None:
    kind = _core("session_orchestrator").OrchestratorSession
    whole = kind.__exit__

    def leave(self: Any, *error: Any) -> bool:
        whole(self, *error)
        return True

    kind.__exit__ = leave


@DEFECTS.defect("anybody-completes", part="candidate", sentence="An agent completes a task that another one has.")
def _anybody_completes() -> None:
    kind = _core("universal_orchestrator").UniversalOrchestrator
    whole = kind.complete_task

    async def complete_task(self: Any, task_id: str, agent_id: str, result: Any = None, success: bool = True) -> Any:
        return await whole(self, task_id, self.roster.tasks[task_id].agent or agent_id, result, success)

    kind.complete_task = complete_task


@DEFECTS.defect("limit-ignored", part="candidate", sentence="An agent takes any number of tasks.")
def _limit_ignored() -> None:
    kind = _core("roster").Roster
    kind.choose = lambda self, needs: min(self.able(needs), key=lambda agent: agent.load, default=None)


@DEFECTS.defect("flag-ignored", part="candidate", sentence="The flag of the context plugin loads nothing.")
def _flag_ignored() -> None:
    kind = _core("orchestrator_config").OrchestratorConfig
    whole = kind.enabled_plugins
    kind.enabled_plugins = lambda self: tuple(name for name in whole(self) if name != "context")


@DEFECTS.defect("dependency-ignored", part="candidate", sentence="A plugin loads without what it depends on.")
def _dependency_ignored() -> None:
    kind = _core("orchestrator_plugins").PluginManager
    whole = kind.register_plugin

    def register_plugin(self: Any, plugin: Any) -> None:
        plugin.metadata.dependencies.clear()
        whole(self, plugin)

    kind.register_plugin = register_plugin


@DEFECTS.defect("no-fallback", part="candidate", sentence="The legacy class cannot be had any more.")
def _no_fallback() -> None:
    asked = os.environ.pop("ORCHESTRATOR_FALLBACK", None)
    _core("orchestrator")  # imported without the variable, and never looked at again
    if asked is not None:
        os.environ["ORCHESTRATOR_FALLBACK"] = asked


@DEFECTS.defect("slow-registration", part="candidate", sentence="Registering an agent takes 150 ms longer.")
def _slow_registration() -> None:
    kind = _core("universal_orchestrator").UniversalOrchestrator
    whole = kind.register_agent

    async def register_agent(self: Any, *args: Any, **options: Any) -> Any:
        await asyncio.sleep(SLOW_S)
        return await whole(self, *args, **options)

    kind.register_agent = register_agent


@DEFECTS.defect("copies-roster", part="candidate", sentence="Each delegation copies the whole roster first.")
def _copies_roster() -> None:
    import copy

    kind = _core("roster").Roster
    whole = kind.choose

    def choose(self: Any, needs: Any) -> Any:
        copy.deepcopy(self.agents)
        return whole(self, needs)

    kind.choose = choose


@DEFECTS.defect("slow-start", part="candidate", sentence="Starting waits 300 ms for what is there already.")
def _slow_start() -> None:
    kind = _core("universal_orchestrator").UniversalOrchestrator
    whole = kind.start

    async def start(self: Any) -> Any:
        await asyncio.sleep(0.3)
        return await whole(self)

    kind.start = start


@DEFECTS.defect(
    "memory-hog", part="candidate", sentence="An orchestrator holds 70 MB from its start, unnoticed by itself."
)
def _memory_hog() -> None:
    kind = _core("universal_orchestrator").UniversalOrchestrator
    whole = kind.__init__

    def begin(self: Any, config: Any = None) -> None:
        self.ballast = bytearray(b"x") * HOG_BYTES
        whole(self, config)

    kind.__init__ = begin


@DEFECTS.defect("leaves-tasks", part="candidate", sentence="Shutting down leaves a task of the event loop behind.")
def _leaves_tasks() -> None:
    kind = _core("universal_orchestrator").UniversalOrchestrator
    whole = kind.shutdown
    left: list[Any] = []

    async def shutdown(self: Any) -> None:
        await whole(self)
        left.append(asyncio.get_running_loop().create_task(asyncio.sleep(60)))

    kind.shutdown = shutdown
