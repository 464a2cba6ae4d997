"""Uses the shared performance_orchestrator: weights, costs, None and False instead of exceptions."""

from app.core.performance_orchestrator import performance_orchestrator


def main() -> None:
    """Route by weight, finish, read the timings."""
    print(performance_orchestrator.register_agent("zoe", ["gpu"], weight=2.0))
    print(
        performance_orchestrator.register_agent("amy", ("gpu", "cpu")),
        performance_orchestrator.register_agent("amy", ["gpu"]),
    )
    print([performance_orchestrator.route_task(f"t{number}", ["gpu"]) for number in range(7)])
    print(
        performance_orchestrator.route_task("t0", ["gpu"]), performance_orchestrator.route_task("big", ["gpu"], cost=4)
    )
    print(performance_orchestrator.route_task("none", ["tpu"]))
    print(performance_orchestrator.finish_task("t0", True, 10), performance_orchestrator.finish_task("t0"))
    print(
        performance_orchestrator.finish_task("t1", duration_ms=20.5),
        performance_orchestrator.finish_task("t2", ok=False),
    )
    print(performance_orchestrator.timings())
    performance_orchestrator.reset()
    print(performance_orchestrator.timings(), performance_orchestrator.route_task("t9"))


if __name__ == "__main__":
    main()
