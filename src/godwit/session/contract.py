"""Compares the contracts of both sides and tries every change on the running stacks; what that means is judged by `checks`."""

import json
from collections.abc import Sequence
from typing import Any

from godwit.checks import (
    Change,
    Contracts,
    Felt,
    Stimulus,
    Tried,
    causes_of,
    joined,
    judge_contracts,
    read_contracts,
    read_trial,
    stimuli_for,
    trial_of,
    undecided,
)
from godwit.plan import OpenApi, Request, read_document
from godwit.session.world import World
from godwit.surfaces import exchange, send
from godwit.verdict import Answer, HarnessError, Judgement, inconclusive

_CHANGES_AT_MOST = 5
_REQUESTS_AT_MOST = 600
_STIMULI_AT_MOST = 4


def document_of(world: World, openapi: OpenApi, role: str) -> Any:
    """The contract document of a side; ValueError says why there is none."""
    file = getattr(openapi, role)
    if file is not None:
        path = world.plan.directory / file
        try:
            return read_document(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(f"{path}: {error}") from None
    answer = send("GET", world.stack(role).url + openapi.path)
    if answer.status != 200:
        raise ValueError(f"{answer.request} answered {answer.status or answer.error}, not 200")
    return read_document(answer.body.decode())


class Contract:
    """The contract documents of both sides, and what is felt of their changes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sent = 0

    def kept(self) -> Judgement:
        """Whether the candidate keeps the baseline's contract, every change that could break a client tried on both."""
        openapi = self._world.plan.surfaces.http.openapi
        if openapi is None:
            return inconclusive("the plan names no surfaces.http.openapi")
        documents: list[Any] = []
        for role in ("baseline", "candidate"):
            try:
                documents.append(document_of(self._world, openapi, role))
            except ValueError as error:
                return inconclusive(f"the document of the {role} cannot be read: {error}")
        contracts = read_contracts(*documents)
        if isinstance(contracts, Judgement):
            return contracts
        self._sent = 0
        causes = causes_of(contracts)
        tried = [self._try_cause(contracts, openapi, group) for group in causes]
        self._keep(contracts, list(zip(causes, tried, strict=True)))
        return judge_contracts(contracts, causes, tried)

    def _try_cause(self, contracts: Contracts, openapi: OpenApi, group: Sequence[Change]) -> Tried:
        """Try the changes of one cause, the first few of them, until one is confirmed."""
        tried: list[Tried] = []
        for change in group[:_CHANGES_AT_MOST]:
            tried.append(self._try(contracts, openapi, change))
            if tried[-1].felt is Felt.CONFIRMED:
                break
        return joined(tried)

    def _try(self, contracts: Contracts, openapi: OpenApi, change: Change) -> Tried:
        operation = contracts.operations.get(change.place.operation)
        if operation is None:
            return undecided("it belongs to no operation that can be asked for")
        # What only the baseline does is left to the plan's probes: nobody knows what a made-up write would do there.
        may_make = openapi.made_up_writes and change.code != "operation-removed"
        probes = self._world.plan.surfaces.http.probes
        stimuli = stimuli_for(operation, contracts.baseline, probes, contracts.mount, may_make_writes=may_make)
        last = undecided("no request for it can be made: add a probe for this operation to the plan")
        for stimulus in stimuli[:_STIMULI_AT_MOST]:
            trial = trial_of(change, operation, stimulus)
            if trial is None:
                last = undecided("no experiment is known that would show it")
                continue
            last = self._carry_out(stimulus, trial.requests) or read_trial(
                change, trial, [self._both(stimulus, request) for request in trial.requests]
            )
            if last.felt is not Felt.UNDECIDED:
                break
        return last

    def _carry_out(self, stimulus: Stimulus, requests: Sequence[Request]) -> Tried | None:
        """Why a trial is not carried out; None if it may be."""
        self._sent += 2 * len(requests) * (len(stimulus.prelude) + 1)
        if self._sent > _REQUESTS_AT_MOST:
            return undecided(f"not tried: {_REQUESTS_AT_MOST} requests were sent for other changes")
        if stimulus.writes:
            try:
                self._world.may_write("baseline", "candidate")
            except HarnessError as error:
                return undecided(f"not tried: {error}")
        return None

    def _both(self, stimulus: Stimulus, request: Request) -> tuple[Answer, Answer]:
        one, other = (
            exchange((*stimulus.prelude, request), self._world.stack(role).url)[-1]
            for role in ("baseline", "candidate")
        )
        return one, other

    def _keep(self, contracts: Contracts, ends: Sequence[tuple[Sequence[Change], Tried]]) -> None:
        """Leave every change with its trial among the evidence."""
        felt = {change: tried for group, tried in ends for change in group}
        rows = [
            {
                "code": change.code,
                "level": change.level,
                "place": change.place.text,
                "baseline": change.baseline,
                "candidate": change.candidate,
                "tried": felt[change].felt if change in felt else None,
                "why": felt[change].why if change in felt else None,
            }
            for change in contracts.changes
        ]
        text = json.dumps(rows, indent=1, ensure_ascii=False)
        (self._world.out / "contract.json").write_text(text, encoding="utf-8", errors="backslashreplace")
