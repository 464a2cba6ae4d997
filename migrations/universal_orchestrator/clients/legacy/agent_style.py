"""Uses AgentOrchestrator: positional calls, None for nobody, exceptions for mistakes."""

from app.core.orchestrator import AgentOrchestrator


def attempt(deed, *args, **options):
    """What a call returns, or the exception's name and text."""
    try:
        return deed(*args, **options)
    except Exception as error:  # noqa: BLE001 - the kind of exception is what is to be seen
        return f"{type(error).__name__}: {error}"


def main() -> None:
    """A day in the life."""
    desk = AgentOrchestrator({"max_agents": 3, "tasks_per_agent": 2, "colour": "unknown settings are ignored"})
    print(desk.register_agent("ada", "worker", ["python", "sql"], {"team": 1}))
    print(desk.register_agent("bob", "specialist", ["python"]), desk.register_agent("bob"))
    print(desk.register_agent("cyd", capabilities=["rust"]), desk.get_agent("cyd"))
    print(
        attempt(desk.register_agent, "dan"), attempt(desk.register_agent, ""), attempt(desk.register_agent, "x", "king")
    )
    for number in range(5):
        print("python", number, desk.delegate_task(f"p{number}", "code", ["python"], "high"))
    print(desk.delegate_task("q", "code", ["python", "sql"]), desk.delegate_task("r", "code", ["cobol"]))
    print(attempt(desk.delegate_task, "p0", "code"), attempt(desk.delegate_task, "s", "code", [], "soon"))
    print(desk.complete_task("p0", "bob"), desk.complete_task("p0", "ada", {"lines": [1, 2]}))
    print(desk.complete_task("p0", "ada"), attempt(desk.complete_task, "nothing", "ada"))
    print(desk.complete_task("p1", "bob", None, False), desk.delegate_task("q", "code", ["python", "sql"]))
    print(desk.get_task("p0"), desk.get_agent("ada"), desk.list_agents(), desk.list_agents("python"))
    print(desk.get_status())
    desk.shutdown()
    print(desk.get_status(), desk.mode, desk.max_agents, desk.max_tasks)


if __name__ == "__main__":
    main()
