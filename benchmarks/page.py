"""What the verdict page costs as checks grow, in CPU time, as a ratio to writing verdict.json, and in size; it judges nothing."""

import time
from collections.abc import Callable
from pathlib import Path

from pydantic import TypeAdapter

from godwit.reporting.page import page
from godwit.verdict import Ask, CheckRecord, Finding, GateAsk, Interval, Measurement, Outcome, Verdict, decide

SIZES, ROUNDS = (100, 1_000, 10_000), 5
REASON = "12 difference(s) in 40 answer(s); first: value at /items/3/price"


def verdict(checks: int) -> Verdict:
    """A run in 20 gates, where every third check is broken and every tenth was measured."""
    gates = [
        GateAsk(f"gate-{at}", f"Gate {at}", f"phase-{at}", tuple(_ask(at, one) for one in range(10)), rolls_back=False)
        for at in range(20)
    ]
    return decide("many", gates, [_check(number) for number in range(checks)], run={"migration": "many"})


def _ask(gate: int, one: int) -> Ask:
    return Ask(f"ask-{gate}-{one}", "Answers are the same", "critical", checks=(f"phase-{gate}/promise-{one}",))


def _check(number: int) -> CheckRecord:
    name = f"many/phase-{number % 20}/promise-{number // 20 % 10}/stream=on.percent={number % 101}.case-{number}"
    broken = number % 3 == 0
    actual = Measurement("response_ms", 40.0, "ms", 400, Interval(38.0, 43.0, 0.95)) if number % 10 == 0 else None
    return CheckRecord(
        name, "flag-matrix", "Under each flag case everything is answered as the baseline does", name.split("/")[1],
        Outcome.FAILED if broken else Outcome.PASSED, REASON, 0.1,
        (Finding("value", "/items/3/price", "12.50", "12.5"),) * (3 * broken), actual, actual, "< 50 ms" if actual else "",
    )  # fmt: skip


def cpu_s(work: Callable[[], object]) -> float:
    """The least CPU time over several rounds."""
    took = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)


def main() -> None:
    """Print a line for each size."""
    adapter = TypeAdapter(Verdict)
    for size in SIZES:
        found = verdict(size)
        html = page(found, Path("/nowhere"))
        drawn, written = (
            cpu_s(lambda found=found: page(found, Path("/nowhere"))),  # type: ignore[misc]
            cpu_s(lambda found=found: adapter.dump_json(found, indent=1)),  # type: ignore[misc]
        )
        print(
            f"{size:>6} checks: {drawn:.2f} s CPU, {drawn / written:.1f} times verdict.json; {len(html) / 1000:.0f} KB"
        )


if __name__ == "__main__":
    main()
