"""Verdicts of every kind, made by the function that makes real ones; and real runs of the tiny migration for their files."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from godwit.plan import Plan, load_plan
from godwit.verdict import (
    Ask,
    CheckRecord,
    Finding,
    GateAsk,
    Interval,
    Judgement,
    Measurement,
    Outcome,
    RowAsk,
    Verdict,
    decide,
    failed,
    inconclusive,
    passed,
)

TINY = Path(__file__).resolve().parents[1] / "pytest_plugin" / "tiny"
GODWIT = str(Path(sys.executable).with_name("godwit"))
RUN = {
    "migration": "tiny",
    "baseline": "1.0.0",
    "candidate": "2.0.0",
    "defect": "",
    "seed": 7,
    "plan": "tiny/plan.yaml",
}
MARKUP = "<img src=x onerror=alert(1)> [link](http://evil) | `code` *bold* _it_ ~~no~~ ![i](j) $x$ &amp; use_next"
CONTROL = "red \x1b[31mtext\x1b[0m\x07 back\x08space \x9bCSI\rreturn\nnew line\tand \x00 null \u2028 break"
BIDI = "invoice\u202egpj.exe \u2066isolated\u2069 \u200fmark"
LONG = "word " * 200 + "x" * 20_000
HOSTILE = {"markup": MARKUP, "control": CONTROL, "right-to-left": BIDI, "long": LONG, "starts-a-list": "# 1. > - boo"}


def check(name: str, judgement: Judgement, seconds: float = 0.25) -> CheckRecord:
    """A record of the tiny migration."""
    phase = name.split("/", maxsplit=1)[0]
    again = f"godwit verify tiny/plan.yaml --phase {phase} --profile process -k '{name.split('/')[1]}'"
    return CheckRecord(
        f"tiny/{name}", "backward-compatibility", "The candidate answers each probe as the baseline does", phase,
        judgement.outcome, judgement.reason, seconds, judgement.findings, judgement.actual, judgement.baseline,
        judgement.limit, judgement.n_needed, again, judgement.rules,
    )  # fmt: skip


def measured(value: float, low: float, high: float, n: int = 400) -> Measurement:
    return Measurement("response_ms", value, "ms", n, Interval(low, high, 0.95), "load/load-short/samples.json")


def verdict(
    checks: Sequence[CheckRecord],
    asks: Sequence[Ask] = (),
    rows: Sequence[RowAsk] = (),
    trouble: Sequence[str] = (),
    title: str = "Both answer alike",
    *,
    rolls_back: bool = False,
) -> Verdict:
    gate = GateAsk("side-by-side", title, "parity", tuple(asks), rolls_back)
    return decide("tiny-1", [gate], checks, rows=rows, trouble=trouble, run=RUN, rules=("id /id", "timestamp /**/at"))


SAME = Ask("same-answers", "Every probe is answered alike", "critical", checks=("parity/answers",))
FAST = Ask("fast", "Answers come fast", "critical", checks=("parity/the-budget-holds/fast",))
ROW = RowAsk("T-1", "Nothing changes for readers", "check:parity/answers", checks=("parity/answers",))
GOOD = check("parity/answers/first-note", passed("1 answer(s) compared, no difference"))
RULED = check("parity/answers/any-note", passed("1 answer(s) compared, no difference", rules={"id /id": 3}))
QUICK = check(
    "parity/the-budget-holds/fast",
    passed("p95 42 ms", actual=measured(42, 40, 44), baseline=measured(41, 39, 43), limit="< 200 ms"),
)
SLOW = check(
    "parity/the-budget-holds/fast",
    failed("p95 beyond all: too many failed", actual=measured(float("inf"), 150, float("inf")), limit="< 200 ms"),
)
BROKEN = check(
    "parity/answers/third-note",
    failed(
        "2 difference(s) in 1 answer(s); first: value at /text",
        [
            Finding("value", "/text", '"third"', '"thirt"', "stored text differs", 3, ("third", "fourth")),
            Finding("missing header", "/headers/etag", '"abc"', ""),
        ],
    ),
)
TYPED = [
    check(
        f"parity/answers/{name}",
        failed(
            f"{n} difference(s) in 1 answer(s); first: type at {where}",
            [Finding("type", where, "3", '"3"', "integer became string", n)],
        ),
    )
    for name, where, n in (("one-note", "/rank", 1), ("all-notes", "/notes/0/rank", 12), ("life", "/2/rank", 1))
]
SIGNATURE = inconclusive("nobody has signed sign-off: sign-off.yaml is not in tiny/attestations")


def hostile(text: str) -> Verdict:
    """A NO-GO in which every text that comes from outside is this one."""
    finding = Finding(text, text, text, text, text, 2, (text,))
    record = check("parity/answers/odd", failed(text, [finding], limit=text))
    ask = Ask("same-answers", text, "critical", checks=("parity/answers",))
    row = RowAsk("T-1", text, f"check:{text}")
    return verdict([record], [ask], [row], [text], text)


VERDICTS: dict[str, Verdict] = {
    "go": verdict([GOOD, QUICK], [SAME, FAST], [ROW]),
    "no-go": verdict([GOOD, BROKEN, SLOW], [SAME, FAST], [ROW], rolls_back=True),
    "inconclusive": verdict([GOOD, check("parity/answers/second-note", inconclusive("did not run"), 0)], [SAME], [ROW]),
    "waived": verdict(
        [GOOD, QUICK, BROKEN],
        [
            FAST,
            Ask(SAME.id, SAME.sentence, "critical", checks=SAME.checks, waiver="waived by ann until 2027-01-31: known"),
        ],
        [ROW, RowAsk("T-2", "Six weeks", "waiver:w", judgement=Judgement(Outcome.WAIVED, "waived by ann: past"))],
    ),
    "attestation-missing": verdict(
        [GOOD], [SAME, Ask("signed-off", "The editor has signed", "blocker", judgement=SIGNATURE)]
    ),
    "trouble": verdict(
        [GOOD], [SAME], trouble=["worker gw1 died: EOFError", "could not collect test_x.py: SyntaxError"]
    ),
    "causes": verdict([GOOD, RULED, BROKEN, *TYPED], [SAME]),
    "empty": decide("tiny-1", [], [], run={}),
    **{f"hostile-{name}": hostile(text) for name, text in HOSTILE.items()},
}


@dataclass(frozen=True)
class Ended:
    """How a run ended: exit code, everything that it said, and its folder."""

    code: int
    said: str
    out: Path


class Runs:
    """A copy of the tiny migration, and godwit run on it."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder = home, home / "tiny"
        shutil.copytree(TINY, self.folder, ignore=shutil.ignore_patterns("__pycache__"))

    def change(self, old: str, new: str) -> None:
        """Change one place of the plan."""
        path = self.folder / "plan.yaml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{text.count(old)} times in the plan: {old}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def verify(self, *words: str, **environ: str) -> Ended:
        """Run `godwit verify` on it to its end."""
        own = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "GODWIT_"))}
        out = self.home / "out"
        ended = subprocess.run(
            [GODWIT, "verify", str(self.folder), "--out", str(out), *words],
            cwd=self.home,
            env={**own, "GODWIT_STATE_DIR": str(self.home / "state"), **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=90,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, out)


@pytest.fixture(params=VERDICTS)
def example(request: pytest.FixtureRequest) -> tuple[str, Verdict]:
    """Each kind of verdict, with its name."""
    return request.param, VERDICTS[request.param]


@pytest.fixture(scope="session")
def tiny_plan() -> Plan:
    """The plan of the tiny migration."""
    return load_plan(TINY / "plan.yaml", {})


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """The tiny migration, for one test."""
    return Runs(tmp_path)


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """One run of the first phase with a broken promise, unsettled ones and a skipped one, reported to JUnit and Allure."""
    runs = Runs(tmp_path_factory.mktemp("reported"))
    (runs.folder / "marks.py").write_text(_MARKS, encoding="utf-8")
    words = ["--junitxml", str(runs.home / "junit.xml"), "--alluredir", str(runs.home / "allure"), "-p", "marks"]
    return runs.verify("--phase", "parity", "--defect", "wrong-answer", *words, PYTHONPATH=str(runs.folder))


_MARKS = """
import pytest

@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.name.endswith("all-notes]"):
            item.add_marker(pytest.mark.skip(reason="not today"))
        if item.name.endswith("no-note]"):
            item.add_marker(pytest.mark.xfail(reason="thought to fail"))

def pytest_runtest_call(item):
    from godwit.verdict import assert_holds, inconclusive
    if item.name.endswith("second-note]"):
        assert_holds(inconclusive("too few answers", n_needed=200))
"""
