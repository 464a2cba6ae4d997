"""What an outcome is, how outcomes fold into a verdict, and the evidence they rest on; pure, does no I/O."""

from godwit.verdict.decision import complete, decide, not_run
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
from godwit.verdict.holding import assert_holds, listening
from godwit.verdict.observed import PLACEHOLDER, Answer, Ended, Exchange, Health, LoadRun, Observation, Sample, Series
from godwit.verdict.outcome import Outcome, Word, fold, word_for
from godwit.verdict.patterns import is_meant
from godwit.verdict.records import (
    Ask,
    CheckRecord,
    CriterionRecord,
    GateAsk,
    GateRecord,
    RowAsk,
    RowRecord,
    Verdict,
)

__all__ = [
    "PLACEHOLDER",
    "Answer",
    "Ask",
    "CheckRecord",
    "CriterionRecord",
    "Ended",
    "Exchange",
    "Finding",
    "GateAsk",
    "GateRecord",
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
    "RowAsk",
    "RowRecord",
    "Sample",
    "Series",
    "StackError",
    "Verdict",
    "Word",
    "all_of",
    "assert_holds",
    "complete",
    "decide",
    "failed",
    "fold",
    "inconclusive",
    "is_meant",
    "judged",
    "listening",
    "not_run",
    "passed",
    "word_for",
]
