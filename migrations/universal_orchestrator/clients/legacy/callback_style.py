"""Uses CallbackOrchestrator: everything is told by callbacks, in order."""

from app.core.callback_orchestrator import CallbackOrchestrator


def main() -> None:
    """Submit, wait, finish, and see who is told what."""
    told: list[object] = []
    desk = CallbackOrchestrator(
        on_assigned=lambda task, agent: told.append(("assigned", task, agent)),
        on_finished=lambda task, agent, value: told.append(("finished", task, agent, value)),
        on_waiting=lambda task: told.append(("waiting", task)),
    )
    desk.submit("early", "python")
    desk.add_agent("ada", "python", "sql")
    desk.submit("second", "sql", then=lambda value: told.append(("then", value)))
    desk.submit("third", "python")
    print(desk.waiting)
    desk.finish("early", 1)
    desk.add_agent("bob", "python")
    desk.finish("second", {"rows": 3})
    try:
        desk.finish("never")
    except KeyError as error:
        print("unknown", error)
    print(desk.waiting, desk.submit("last"))
    for entry in told:
        print(entry)


if __name__ == "__main__":
    main()
