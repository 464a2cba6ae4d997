"""Has requests that are made of the baseline's OpenAPI document put to both sides, and one on which they part shrunk."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from godwit.checks import compare_answers
from godwit.plan import Generated, Request
from godwit.session.contract import document_of
from godwit.session.shrinking import Ending, PartedError, TimeLimit, search, settings
from godwit.session.world import World
from godwit.surfaces import Made, exchange, requests_of
from godwit.verdict import Answer, Finding, HarnessError, Judgement, Outcome, failed, inconclusive, passed

_SIDES = ("baseline", "candidate")
_SHOWN = 200


@dataclass
class _Tried:
    """What the requests of one operation showed."""

    made: Made
    requests: int = 0
    accepted: bool = False
    unsettled: str = ""
    steady: bool = True
    parted: tuple[str, Judgement] | None = None
    first: tuple[str, Judgement] | None = None
    statuses: set[int] = field(default_factory=set)

    def note(self, request: Request, baseline: Answer, candidate: Answer, judgement: Judgement) -> None:
        """Take one exchange into account; raises when the sides have parted on it."""
        self.requests += 1
        self.statuses.add(baseline.status)
        self.accepted |= 200 <= baseline.status < 300
        if judgement.outcome is Outcome.FAILED:
            self.parted = _told(request, baseline, candidate), judgement
            self.first = self.first or self.parted
            raise PartedError
        if judgement.outcome is not Outcome.PASSED:
            self.unsettled = self.unsettled or judgement.reason


def generated(world: World) -> Judgement:
    """Try requests of each operation on both sides; the smallest one on which they part is the finding."""
    http = world.plan.surfaces.http
    if http.generated is None or http.openapi is None:
        return inconclusive("the plan names no surfaces.http.generated")
    wanted = http.generated
    captured = {name for request in wanted.prepare for name in request.capture}
    try:
        every = requests_of(document_of(world, http.openapi, "baseline"), captured)
    except ValueError as error:
        return inconclusive(f"no requests can be made of the document of the baseline: {error}")
    chosen = [made for made in every if _is_wanted(made.label, wanted)]
    if fault := _fault(every, chosen, wanted):
        return inconclusive(fault)
    if any(made.writes or (made.uses and any(each.writes for each in wanted.prepare)) for made in chosen):
        world.may_write(*_SIDES)
    limit = TimeLimit(wanted.limit_s)
    return _judged([_try(world, wanted, made, limit) for made in chosen], len(every) - len(chosen))


def _is_wanted(label: str, wanted: Generated) -> bool:
    skipped = any(fnmatchcase(label, left.operation) for left in wanted.skip)
    return not skipped and (not wanted.only or any(fnmatchcase(label, glob) for glob in wanted.only))


def _fault(every: Sequence[Made], chosen: Sequence[Made], wanted: Generated) -> str:
    """Why what the plan chooses cannot be meant; empty if it can."""
    labels = [made.label for made in every]
    for glob in (*wanted.only, *(left.operation for left in wanted.skip)):
        if not any(fnmatchcase(label, glob) for label in labels):
            known = ", ".join(labels[:10]) or "none"
            return f"no operation of the document is {glob!r}; the first of them: {known}"
    uses = {name for made in every for name in made.uses}
    texts = [request.model_dump_json() for request in wanted.prepare]
    for name in (name for request in wanted.prepare for name in request.capture):
        if name not in uses and not any(f"{{{name}}}" in text for text in texts):
            return f"no path of the document has a parameter {name}, which prepare captures"
    return "" if chosen else "the document holds no operation that the plan does not skip"


def _try(world: World, wanted: Generated, made: Made, limit: TimeLimit) -> _Tried:
    """Let Hypothesis try requests of one operation."""
    from hypothesis import given, seed
    from hypothesis.errors import HypothesisException

    tried = _Tried(made, unsettled=made.wrong)
    if made.requests is None:
        return tried

    def act(request: Request) -> None:
        limit.keep(parted=tried.parted is not None)
        own = {name: text for name, text in request.headers.items() if name.lower() not in given_headers}
        request = request.model_copy(update={"headers": own})
        baseline, candidate = (_ask(world, wanted, made, request, side) for side in _SIDES)
        tried.note(request, baseline, candidate, _compared(world, wanted, baseline, candidate))

    given_headers = {name.lower() for name in wanted.headers}
    try:
        ending = search(seed(world.plan.migration.seed)(settings(wanted.examples)(given(made.requests)(act))), limit)
    except HypothesisException as error:
        tried.unsettled = tried.unsettled or f"no request can be made: {str(error).partition(chr(10))[0]}"
        return tried
    if ending is Ending.TIME_OVER:
        tried.unsettled = tried.unsettled or f"its time was over after {tried.requests} request(s); raise limit_s"
    tried.steady = ending is not Ending.UNSTEADY
    return tried


def _ask(world: World, wanted: Generated, made: Made, request: Request, side: str) -> Answer:
    """One side's answer, after what prepares it there."""
    before = wanted.prepare if made.uses else ()
    return exchange([*before, request], world.stack(side).url, headers=wanted.headers)[-1]


def _compared(world: World, wanted: Generated, baseline: Answer, candidate: Answer) -> Judgement:
    surfaces = world.plan.surfaces
    return compare_answers(
        wanted.id, [baseline], [candidate], surfaces.normalisers, surfaces.allowances, surfaces.http.headers
    )


def _told(request: Request, baseline: Answer, candidate: Answer) -> str:
    """A request and both answers, in one line."""
    heads = "".join(f" {name}: {value}" for name, value in request.headers.items())
    body = "" if request.body is None else f" {json.dumps(request.body)[:_SHOWN]}"
    asked = f"{request.method} {request.path}{heads}{body}".replace("{{", "{").replace("}}", "}")
    return f"{asked} answered {_short(baseline)} / {_short(candidate)}"


def _short(answer: Answer) -> str:
    return f"{answer.status or answer.error} {answer.body[:_SHOWN].decode(errors='replace')}".strip()


def _judged(every: Sequence[_Tried], left_out: int) -> Judgement:
    told = f"{sum(tried.requests for tried in every)} request(s) of {len(every)} operation(s), {left_out} left out"
    parted = [tried for tried in every if tried.parted]
    if parted:
        findings = [finding for tried in parted for finding in _findings(tried)]
        return failed(f"the sides part on {len(parted)} of {len(every)} operation(s): {_parting(parted[0])}", findings)
    unsettled = [f"{tried.made.label}: {tried.unsettled}" for tried in every if tried.unsettled]
    if unsettled:
        return inconclusive(f"{'; '.join(unsettled)}; {told}")
    never = [tried for tried in every if not tried.accepted]
    if never:
        names = ", ".join(f"{tried.made.label} ({', '.join(map(str, sorted(tried.statuses)))})" for tried in never)
        return inconclusive(f"the baseline accepted no request of {names}; {told}")
    return passed(f"{told}, all answered alike")


def _parting(tried: _Tried) -> str:
    shown = tried.parted if tried.steady else tried.first
    if shown is None:
        raise HarnessError(f"{tried.made.label} parted without an exchange")
    why = f"{shown[0]}; {shown[1].reason}"
    return why if tried.steady else f"it depends on what earlier requests left behind, so that it is not shrunk: {why}"


def _findings(tried: _Tried) -> list[Finding]:
    shown = tried.parted if tried.steady else tried.first
    found = shown[1].findings if shown else ()
    return [replace(each, where=f"{tried.made.label} {each.where}", reason=_parting(tried)) for each in found]
