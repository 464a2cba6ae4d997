"""`benchmarks`: files of small benchmarks that a team has anyway; says nothing about limits, which criteria do."""

from typing import Annotated

from pydantic import Field

from godwit.plan.sections.words import Duration, Id, Section, Share, Text


class Benchmark(Section):
    """A file of benchmarks for pytest-benchmark, run by each side's own Python on that side's import path.

    Baseline and candidate run it in turn, each in a new process; which begins a turn is drawn by the seed. A benchmark
    repeats its call for about `for_s` in each of `turns`, and what it took in one process counts as one witness
    however often it was called there. `timeout_s` ends a process that hangs. `other_work` is how much of the machine other
    work may use meanwhile. Criteria name a function of the file as their `operation`.
    """

    id: Id
    file: Text
    turns: Annotated[int, Field(ge=10, le=200)] = 10
    for_s: Duration = 0.1
    timeout_s: Duration = 60.0
    other_work: Share = 30.0
