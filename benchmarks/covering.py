"""How small covering arrays come out and what they cost, beside PICT, covertable and allpairspy; it judges no peer.

Every array, also a peer's, is put to the checker of flag matrices, which shares no code with any of them. CPU seconds are
those of a process of its own for each array, so that other work on the machine weighs little.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from godwit.checks import prove
from godwit.checks.covering import Wish, covering_array, smaller_arrays
from godwit.plan import Flags

Rows = Sequence[Sequence[int]]
QUICK, LIMIT_S = 2000, 90
MODELS = (
    # model, strength, forbidden pairs, PICT as published
    ("3^4", 2, 0, "9"),
    ("3^13", 2, 0, "18"),
    ("4^15 3^17 2^29", 2, 0, "37"),
    ("4^1 3^39 2^35", 2, 0, "27"),
    ("2^100", 2, 0, "15"),
    ("10^20", 2, 0, "210"),
    ("2^10", 3, 0, "-"),
    ("3^8", 3, 0, "-"),
    ("3^13", 2, 5, "-"),
    ("4^15 3^17 2^29", 2, 20, "-"),
    ("2^100", 2, 30, "-"),
)


def sizes_of(model: str) -> tuple[int, ...]:
    """`3^4 2^2` as (3, 3, 3, 3, 2, 2)."""
    parts = (part.split("^") for part in model.split())
    return tuple(size for values, columns in parts for size in [int(values)] * int(columns))


def forbidden_of(sizes: Sequence[int], count: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Pairs of cells that may not stand together, the same in every run; value 0 is never in one, so all can be met."""
    chance = random.Random(count)
    pairs: set[tuple[tuple[int, int], tuple[int, int]]] = set()
    while len(pairs) < count:
        one, other = sorted(chance.sample(range(len(sizes)), 2))
        pairs.add(((one, chance.randrange(1, sizes[one])), (other, chance.randrange(1, sizes[other]))))
    return sorted(pairs)


def proved(sizes: Sequence[int], strength: int, forbidden: Sequence[Any], rows: Rows) -> str:
    """What the checker says of an array: `yes`, or what is wrong with it."""
    names = [f"f{column}" for column in range(len(sizes))]
    listed = [
        {"name": name, "type": "number", "default": 0, "baseline_value": 0, "values": list(range(size))}
        for name, size in zip(names, sizes, strict=True)
    ]
    rules = [f"f{a} != {x} or f{b} != {y}" for (a, x), (b, y) in forbidden]
    flags = Flags.model_validate({"flags": listed, "strength": strength, "constraints": rules})
    proof = prove(flags, [dict(zip(names, row, strict=True)) for row in rows])
    missing = sum(part.n_missing for part in proof.parts)
    return "yes" if proof.holds else f"misses {missing}, {len(proof.wrong)} forbidden row(s)"


def godwit(sizes: Sequence[int], strength: int, forbidden: Sequence[Any], seed: int, work: int) -> Rows:
    """An array of godwit's own."""
    return covering_array(_wish(sizes, strength, forbidden), seed, work)


def first(sizes: Sequence[int], strength: int, forbidden: Sequence[Any], seed: int, _: int) -> Rows:
    """The first complete array that godwit has."""
    return next(smaller_arrays(_wish(sizes, strength, forbidden), seed, 0))


def _wish(sizes: Sequence[int], strength: int, forbidden: Sequence[Any]) -> Wish:
    return Wish(tuple(sizes), ((tuple(range(len(sizes))), strength),), tuple(forbidden))


def covertable(criterion: str, anneal_s: float) -> Callable[..., Rows]:
    """An array of covertable: by a criterion, and annealed for so long if it is to be."""

    def make(sizes: Sequence[int], strength: int, forbidden: Sequence[Any], seed: int, _: int) -> Rows:
        from covertable import criteria  # type: ignore[import-untyped]
        from covertable.main import Controller  # type: ignore[import-untyped]

        factors = {f"f{column}": list(range(size)) for column, size in enumerate(sizes)}
        rules = [
            {
                "operator": "or",
                "conditions": [
                    {"operator": "ne", "left": f"f{column}", "value": value} for column, value in (one, other)
                ],
            }
            for one, other in forbidden
        ]
        chosen = getattr(criteria, criterion)
        controller = Controller(factors, strength=strength, criterion=chosen, salt=str(seed), constraints=rules)
        rows = list(controller.make())
        if anneal_s:
            rows = controller.optimize(rows, {"budget_ms": anneal_s * 1000, "seed": seed})
        return [[row[name] for name in factors] for row in rows]

    return make


def allpairspy(sizes: Sequence[int], strength: int, forbidden: Sequence[Any], _: int, __: int) -> Rows:
    """An array of allpairspy, which takes constraints as a filter of rows that are not whole yet."""
    from allpairspy import AllPairs  # type: ignore[import-untyped]

    def is_allowed(row: Sequence[int]) -> bool:
        return not any(len(row) > max(a, b) and row[a] == x and row[b] == y for (a, x), (b, y) in forbidden)

    made = AllPairs([list(range(size)) for size in sizes], n=strength, filter_func=is_allowed)
    return [list(row) for row in made]


MAKERS: dict[str, Callable[..., Rows]] = {
    "first": first,
    "godwit": godwit,
    "covertable": covertable("greedy", 0),
    "covertable simple": covertable("simple", 0),
    "covertable annealed": covertable("simple", 60),
    "allpairspy": allpairspy,
}


def alone(name: str, place: int, seed: int, work: int) -> dict[str, Any]:
    """Make one array in this process and have it checked."""
    model, strength, count, _ = MODELS[place]
    sizes = sizes_of(model)
    forbidden = forbidden_of(sizes, count)
    started = time.process_time()
    rows = MAKERS[name](sizes, strength, forbidden, seed, work)
    spent = time.process_time() - started
    return {"rows": len(rows), "cpu_s": round(spent, 3), "proved": proved(sizes, strength, forbidden, rows)}


def apart(name: str, place: int, seed: int, work: int, limit_s: int = LIMIT_S) -> dict[str, Any]:
    """The same in a process of its own, ended after a limit of CPU."""
    words = [sys.executable, __file__, "--alone", json.dumps([name, place, seed, work])]

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + 1))

    done = subprocess.run(words, capture_output=True, text=True, check=False, preexec_fn=bounded)
    if done.returncode == 0:
        found: dict[str, Any] = json.loads(done.stdout)
        return found
    return {"rows": None, "cpu_s": limit_s, "proved": f"over {limit_s} s" if done.returncode < 0 else "error"}


def worked(place: int, seed: int, seconds: float) -> dict[str, Any]:
    """An array of godwit's after about so many seconds of CPU; the work that this took gives the same array again."""
    quick, start = apart("godwit", place, seed, QUICK), apart("first", place, seed, 0)
    rate = QUICK / max(quick["cpu_s"] - start["cpu_s"], 0.05)
    work = int(rate * seconds)
    return apart("godwit", place, seed, work, int(seconds * 4)) | {"work": work}


def shown(found: dict[str, Any]) -> str:
    """A cell of the table: rows / CPU seconds, and what the checker has against it."""
    if found["rows"] is None:
        return str(found["proved"])
    rest = "" if found["proved"] == "yes" else f" **{found['proved']}**"
    return f"{found['rows']} / {found['cpu_s']:.2f}{rest}"


def main() -> None:
    """Print the table; with `--alone`, make one array."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0, help="a further column: godwit given so much CPU")
    parser.add_argument("--peers", nargs="*", default=[name for name in MAKERS if name not in ("first", "godwit")])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.alone:
        print(json.dumps(alone(*json.loads(asked.alone))))
        return
    names = ["first", "godwit", *(["godwit longer"] if asked.seconds else []), *asked.peers]
    table: list[dict[str, Any]] = []
    if not asked.json:
        print(f"| model | PICT, published | {' | '.join(names)} |\n|---|---|{'---|' * len(names)}", flush=True)
    for place, (model, strength, count, pict) in enumerate(MODELS):
        called = model + (f", t={strength}" if strength > 2 else "") + (f", {count} forbidden" if count else "")
        found = {
            name: worked(place, asked.seed, asked.seconds) if name == "godwit longer" else apart(name, place, asked.seed, QUICK)
            for name in names
        }  # fmt: skip
        table.append({"model": called, "pict": pict} | found)
        if not asked.json:
            print(f"| {called} | {pict} | {' | '.join(map(shown, found.values()))} |", flush=True)
    if asked.json:
        print(json.dumps({"seed": asked.seed, "work": QUICK, "table": table}, indent=2))


if __name__ == "__main__":
    main()
