"""Uses the shared production_orchestrator: keywords, dicts, exceptions of its own, an audit log."""

from app.core.production_orchestrator import (
    AgentExistsError,
    NoAgentAvailableError,
    ProductionOrchestrator,
    UnknownTaskError,
    production_orchestrator,
)


def main() -> None:
    """Register, delegate, complete, report."""
    print(production_orchestrator.register_agent(agent_id="ada", capabilities=["sql", "python"], team="red"))
    print(production_orchestrator.register_agent(agent_id="bob", capabilities=["python"], role="driver of trains"))
    try:
        production_orchestrator.register_agent(agent_id="bob", capabilities=[])
    except AgentExistsError as error:
        print("exists", error, isinstance(error, ValueError))
    task = {"id": "t1", "requires": ["python"], "note": "kept"}
    print(production_orchestrator.delegate_task(task), task)
    print(production_orchestrator.delegate_task({"id": "t2", "requires": ["python"]}))
    try:
        production_orchestrator.delegate_task({"id": "t3", "requires": ["go"]})
    except NoAgentAvailableError as error:
        print("nobody", error, isinstance(error, LookupError))
    try:
        production_orchestrator.delegate_task({"id": "t4"})
    except ValueError as error:
        print("half", error)
    print(production_orchestrator.complete_task("t1", result={"ok": 1}))
    print(production_orchestrator.complete_task("t2", success=False))
    try:
        production_orchestrator.complete_task("t1")
    except UnknownTaskError as error:
        print("unknown", error, isinstance(error, KeyError))
    print(production_orchestrator.sla_report(), ProductionOrchestrator().sla_report())
    print(production_orchestrator.audit())


if __name__ == "__main__":
    main()
