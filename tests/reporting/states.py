"""Verdicts of every kind, made by the function that makes real ones; run as a program it writes them into `states/`.

They are what every output is tried on: `states/NAME.json` is the verdict.json that a run of that kind leaves.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from godwit.reporting import verdict_json
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
    WayBack,
    decide,
    failed,
    inconclusive,
    not_run,
    passed,
)

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


RULES = ("id /id", "timestamp /**/at")


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
    return decide("tiny-1", [gate], checks, rows=rows, trouble=trouble, run=RUN, rules=RULES)


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
OVER = check(
    "parity/the-budget-holds/fast",
    failed("p95 231 ms", actual=measured(231, 222, 240), baseline=measured(41, 39, 43), limit="< 200 ms"),
)
BEFORE = {**RUN, "candidate": "1.9.0"}
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
    ask = Ask(
        "same-answers", text, "critical", checks=("parity/answers",), link=text, waiver_link=f"https://x.test/{text}"
    )
    row = RowAsk("T-1", text, f"check:{text}")
    return verdict([record], [ask], [row], [text], text)


def stopped() -> Verdict:
    """A ramp that its first step stopped: a promise is broken there, and later steps and the cutover are not reached."""
    first, then = (check(f"ramp/the-step-is-promoted/{name}", judgement) for name, judgement in _LOOKS.items())
    later = not_run("tiny/cutover/answers/first-note", "did not run")
    gates = [
        GateAsk("side-by-side", "Both answer alike", "parity", (SAME, FAST), rolls_back=False),
        GateAsk("go-on", "The ramp may go on", "ramp", (STEADY,), rolls_back=True),
        GateAsk("over", "The candidate answers alone", "cutover", (AFTER,), rolls_back=True),
    ]
    checks = [GOOD, QUICK, first, then, later]
    return decide("tiny-1", gates, checks, run=RUN, rules=RULES, way_back=BACK)


_LOOKS = {
    "ten-percent": failed(
        "abort at look 2 of 5: response_ms p95 is 41 % worse, at most 10 % are allowed",
        [Finding("worse than the baseline", "ten-percent/response", "p95 41.2", "p95 58.1", "41 % worse, n 380 / 392")],
        actual=measured(58.1, 55.0, 61.4, 392),
        baseline=Measurement("response_ms", 41.2, "ms", 380),
        limit="at most 10 % worse than the baseline",
    ),
    "half": inconclusive("not reached: step ten-percent was aborted (abort at look 2 of 5)"),
}
STEADY = Ask("steady", "Every step of the ramp is promoted", "blocker", checks=("ramp/the-step-is-promoted",))
BACK = WayBack("cutover/drop-the-old-store", "The old store is dropped", without=("parity",))
AFTER = Ask("alone", "The candidate answers every probe", "critical", checks=("cutover/answers",))
LATE = replace(SAME, waiver_fault="waiver known-text expired on 2026-10-31")
KNOWN = replace(
    SAME,
    waiver="waived by ann until 2027-01-31: known",
    link="https://docs.test/requirements?id=7&part=2",
    waiver_link="https://tracker.test/browse/MIG-12",
)
PAST = RowAsk(
    "T-2",
    "Six weeks",
    "waiver:w",
    judgement=Judgement(Outcome.WAIVED, "waived by ann: past"),
    link="https://tracker.test/1",
)
SIGNED = Ask("signed-off", "The editor has signed", "blocker", judgement=SIGNATURE)
CRASHED = Judgement(Outcome.ERRORED, "call ended in ConnectionResetError: [Errno 104] Connection reset by peer")
MISSING = inconclusive("did not run")
DIED = ["worker gw1 died: EOFError", "could not collect test_x.py: SyntaxError"]

STATES: dict[str, Verdict] = {
    "go": verdict([GOOD, QUICK], [SAME, FAST], [ROW]),
    "no-go": verdict([GOOD, BROKEN, SLOW], [SAME, FAST], [ROW], rolls_back=True),
    "inconclusive": verdict([GOOD, check("parity/answers/second-note", MISSING, 0)], [SAME], [ROW]),
    "not-reached": stopped(),
    "waived": verdict([GOOD, QUICK, BROKEN], [FAST, KNOWN], [ROW, PAST]),
    "waiver-expired": verdict([GOOD, QUICK, BROKEN], [FAST, LATE], [ROW]),
    "attestation-missing": verdict([GOOD], [SAME, SIGNED]),
    # `regressed` is a later run of what passed in `regressed-before`.
    "regressed-before": replace(verdict([GOOD, QUICK], [SAME, FAST]), run_id="tiny-0", run=BEFORE),
    "regressed": verdict([GOOD, OVER], [SAME, FAST]),
    "crash": verdict(
        [check("parity/answers/first-note", CRASHED), not_run(QUICK.id, "did not run")], [SAME, FAST], trouble=DIED
    ),
    "trouble": verdict([GOOD], [SAME], trouble=DIED),
    "causes": verdict([GOOD, RULED, BROKEN, *TYPED], [SAME]),
    "empty": decide("tiny-1", [], [], run={}),
    **{f"hostile-{name}": hostile(text) for name, text in HOSTILE.items()},
}


def main(folder: Path) -> None:
    """Write each state that people may want to open; a very long one is only made."""
    for name, state in STATES.items():
        if name != "hostile-long":
            (folder / f"{name}.json").write_bytes(verdict_json(state))


if __name__ == "__main__":
    main(Path(__file__).with_name("states"))
