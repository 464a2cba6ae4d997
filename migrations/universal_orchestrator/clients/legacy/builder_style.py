"""Uses OrchestratorBuilder: a chain of calls, then whole lists of tasks."""

from app.core.orchestrator_builder import OrchestratorBuilder


def main() -> None:
    """Build two orchestrators of one builder and run them."""
    builder = OrchestratorBuilder()
    print(builder.named("night") is builder, builder.with_limit(2) is builder)
    first = builder.with_agent("ada", "python").with_agent("bob", "python", "sql").build()
    second = builder.with_agent("cyd").build()
    print(first, second)
    work = [("a", ["python"]), ("b", ["python"]), ("c", ["sql"]), ("d", ["python"]), ("e", []), ("a", ["sql"])]
    print(first.run(work), second.run(work), first.run([]))
    for wrong in (lambda: builder.with_agent("ada"), lambda: builder.with_limit(0), OrchestratorBuilder().build):
        try:
            wrong()
        except ValueError as error:
            print(error)


if __name__ == "__main__":
    main()
