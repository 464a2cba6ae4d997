"""Lints about files of benchmarks: whether what criteria name is in them, and what nobody asks of; it runs none of them."""

import ast
from collections.abc import Iterator

from godwit.plan.lint_flow import Rule, Said
from godwit.plan.model import Plan
from godwit.plan.sections.benchmarks import Benchmark
from godwit.plan.suggestions import advice

_FIXTURES = {"benchmark", "benchmark_weave"}


def _functions(plan: Plan, benchmark: Benchmark) -> list[str]:
    """The tests of a file that ask for pytest-benchmark's fixture; OSError, SyntaxError or ValueError if it cannot be read."""
    text = (plan.directory / benchmark.file).read_text(encoding="utf-8")
    found = (each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.FunctionDef))
    return [
        each.name
        for each in found
        if each.name.startswith("test") and _FIXTURES & {it.arg for it in (*each.args.args, *each.args.kwonlyargs)}
    ]


def _benchmarks(plan: Plan) -> Iterator[Said]:
    for place, benchmark in enumerate(plan.benchmarks):
        try:
            known = _functions(plan, benchmark)
        except (OSError, SyntaxError, ValueError) as error:
            said = f"{benchmark.file} cannot be read as a file of benchmarks: {error}"
            yield "benchmark-not-there", ("benchmarks", place, "file"), said
            continue
        asked = [(at, each) for at, each in enumerate(plan.criteria) if each.benchmark == benchmark.id]
        names = {at: str(each.operation).partition("[")[0] for at, each in asked}
        for at, name in names.items():
            if name not in known:
                said = f"{benchmark.file} has no benchmark '{name}'{advice(name, known)}"
                yield "benchmark-not-there", ("criteria", at, "operation"), said
        if left := [name for name in known if name not in names.values()]:
            said = f"no criterion asks anything of {', '.join(left)} in {benchmark.file}"
            yield "benchmark-never-judged", ("benchmarks", place, "file"), said


BENCHMARK_RULES: tuple[Rule, ...] = (_benchmarks,)
