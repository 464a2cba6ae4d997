"""What an outcome is, how outcomes fold into a verdict, and the evidence they rest on; pure, does no I/O."""

from godwit.verdict.errors import GodwitError, HarnessError, PlanError, StackError
from godwit.verdict.evidence import (
    Finding,
    Interval,
    Judgement,
    Measurement,
    NotSettled,
    PromiseBroken,
    all_of,
    failed,
    inconclusive,
    judged,
    passed,
)
from godwit.verdict.observed import Answer, Health, LoadRun, Observation, Sample, Series
from godwit.verdict.outcome import Outcome, Word, fold, word_for

__all__ = [
    "Answer",
    "Finding",
    "GodwitError",
    "HarnessError",
    "Health",
    "Interval",
    "Judgement",
    "LoadRun",
    "Measurement",
    "NotSettled",
    "Observation",
    "Outcome",
    "PlanError",
    "PromiseBroken",
    "Sample",
    "Series",
    "StackError",
    "Word",
    "all_of",
    "failed",
    "fold",
    "inconclusive",
    "judged",
    "passed",
    "word_for",
]
