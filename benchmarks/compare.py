"""What comparing two answers costs, as ratios to decoding them and to deepdiff, in one run; it judges nothing.

Each figure is the least CPU time of several interleaved rounds, so that other work on the machine weighs little.
"""

import gc
import json
import random
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from deepdiff import DeepDiff

from godwit.checks import compare_answers
from godwit.checks.bodies import BodyComparison
from godwit.checks.normalising import Rules
from godwit.plan import Normaliser
from godwit.verdict import Answer, Outcome

HEADERS = (("content-type", "application/json"),)
ROUNDS, SECONDS_A_ROUND = 25, 0.02


def document(size: int) -> bytes:
    """A list of tasks as JSON of at least `size` bytes, the same in every run."""
    chance = random.Random(size)
    items: list[dict[str, Any]] = []
    while len(text := orjson.dumps({"items": items, "total": len(items)})) < size:
        title = f"title of task {chance.randrange(10**6)}"
        items.append({"id": f"task-{len(items)}", "title": title, "priority": chance.randrange(5), "owner": None})
        items[-1] |= {
            "score": round(chance.uniform(0, 1), 3),
            "done": chance.randrange(2) == 0,
            "tags": ["alpha", "beta"],
        }
    return text


def least_us(deeds: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """CPU microseconds of each deed, the least of all rounds."""
    repeats = {name: _repeats(deed) for name, deed in deeds.items()}
    least = dict.fromkeys(deeds, float("inf"))
    for _ in range(ROUNDS):
        for name, deed in deeds.items():
            # As timeit does: else a collection of the whole heap falls upon whichever deed happens to trigger it.
            gc.collect()
            gc.disable()
            started = time.process_time_ns()
            for _ in range(repeats[name]):
                deed()
            took = time.process_time_ns() - started
            gc.enable()
            least[name] = min(least[name], took / repeats[name] / 1000)
    return least


def _repeats(deed: Callable[[], object]) -> int:
    started = time.perf_counter()
    deed()
    return max(1, int(SECONDS_A_ROUND / (time.perf_counter() - started)))


def bodies(one: Answer, other: Answer, rules: Rules) -> list[Any]:
    """Compare two bodies as a probe's comparison does."""
    comparison = BodyComparison(rules)
    comparison.bodies((), one, other)
    return comparison.differences()


def measured(size: int) -> dict[str, Any]:
    """All figures for one size, in µs and as ratios."""
    text = document(size)
    at = text.index(b"title of task", len(text) // 2)
    changed = text[:at] + b"X" + text[at + 1 :]
    one, other, equal = (Answer("GET /x", 200, HEADERS, body) for body in (text, changed, bytes(bytearray(text))))
    trees = orjson.loads(text), orjson.loads(changed)
    none, ids = Rules(()), Rules([Normaliser(kind="id", at="/items/*/id")])
    if len(bodies(one, other, none)) != 1 or compare_answers("p", [one], [other], (), (), ()).outcome is Outcome.PASSED:
        sys.exit("the difference was not found: nothing to measure")
    us = least_us(
        {
            "decode both (orjson)": lambda: (orjson.loads(text), orjson.loads(changed)),
            "bodies, one difference": lambda: bodies(one, other, none),
            "answers, one difference, to the judgement": lambda: compare_answers("p", [one], [other], (), (), ()),
            "bodies, one difference, ids matched": lambda: bodies(one, other, ids),
            "bodies, equal": lambda: bodies(one, equal, none),
            "bodies, equal, ids matched": lambda: bodies(one, equal, ids),
            "bytes, equal (memcmp)": lambda: one.body == equal.body,
            "deepdiff, one difference, without decoding": lambda: DeepDiff(*trees),
        }
    )
    decode, deepdiff = us["decode both (orjson)"], us["deepdiff, one difference, without decoding"]
    rows = {
        name: {
            "us": round(value, 2),
            "of_decode": round(value / decode, 4),
            "deepdiff_times": round(deepdiff / value, 1),
        }
        for name, value in us.items()
    }
    return {"bytes": len(text), "rows": rows}


def main() -> None:
    """Print a table for people, and the same as JSON when asked for with `--json`."""
    found = [measured(size) for size in (2_000, 100_000)]
    if "--json" in sys.argv[1:]:
        print(json.dumps(found, indent=1))
        return
    for size in found:
        print(f"\n| {size['bytes']:,} bytes | µs | of decoding both | times as fast as deepdiff |\n|---|---|---|---|")
        for name, row in size["rows"].items():
            print(f"| {name} | {row['us']:,} | {row['of_decode']} | {row['deepdiff_times']} |")


if __name__ == "__main__":
    main()
