"""Uses QueueOrchestrator: puts tasks, and takes pairs out of a generator."""

from app.core.queue_orchestrator import QueueOrchestrator


def main() -> None:
    """Ten priorities, first come first served within one."""
    desk = QueueOrchestrator()
    desk.add_worker("ada", "python")
    desk.add_worker("bob", "python", "sql")
    print([desk.put("slow", ("python",), 9), desk.put("a"), desk.put("b"), desk.put("now", ("sql",), 0)])
    print(list(desk.assignments()), len(desk))
    print(desk.done("now"), list(desk.assignments()), len(desk))
    pairs = desk.assignments()
    desk.done("a")
    print(next(pairs), len(desk), list(pairs))
    for wrong in (lambda: desk.put("x", (), 10), lambda: desk.done("never")):
        try:
            wrong()
        except (ValueError, KeyError) as error:
            print(type(error).__name__, error)


if __name__ == "__main__":
    main()
