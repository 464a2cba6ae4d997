"""Asks a probe often enough to tell noise from a difference: the baseline against itself first; keeps what that showed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial

from godwit.checks import Calibration, Repetition, calibrate, compare_answers, compare_noisy, is_explained
from godwit.plan import Allowance, Probe
from godwit.session.world import World
from godwit.surfaces import exchange
from godwit.verdict import Answer, Judgement, Outcome

_LOOKS = 12
"""How often each side is asked in all where the baseline is noisy: fewer looks say little of a distribution."""

_SURE = {False: 24, True: 8}
"""How often a side is asked in all before a difference stands: what was quiet three times may have been so by chance.

Of a probe that writes each repetition leaves its mark, so there are fewer, in which each reading request is asked more often.
"""

_AT_MOST = 40
"""How often a side is asked at most, to settle what fewer repetitions left open."""

_READINGS = 8
"""How often a reading request of a probe that writes is asked again at once."""

_LONGEST_S = 10.0
"""How long the answers of one side may take in all until no more repetitions are made."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How a probe is put: to which stack in the candidate's stead, with which headers besides, and what else is intended."""

    candidate: str = "candidate"
    headers: Mapping[str, str] = field(default_factory=dict)
    allowances: Sequence[Allowance] = ()


class Calibrated:
    """One probe, put to both sides, baseline first, and repeated as far as its judgement needs it.

    A probe that only reads is repeated before it is judged. One that writes leaves its mark, so it is repeated only when
    the sides differ: to tell whether the baseline differs from itself at the same places. Both sides are then asked as
    often, so that their states stay together.
    """

    def __init__(self, world: World, probe: Probe, asked: Asked | None = None) -> None:
        surfaces = world.plan.surfaces
        self._world = world
        self._probe = probe
        self._asked = asked or Asked()
        self._repeats = surfaces.calibration.repeats
        self._rules = surfaces.normalisers
        self._allowances = [item for item in surfaces.allowances if item.probe == probe.id] + list(
            self._asked.allowances
        )
        self._headers = surfaces.http.headers
        self._sides: dict[str, list[list[Answer]]] = {"baseline": [], "candidate": []}
        self._noisy = partial(compare_noisy, chance=surfaces.calibration.chance, seed=world.plan.migration.seed)

    def judgement(self) -> Judgement:
        """Ask, repeat and compare."""
        first = self._ask("baseline"), self._ask("candidate")
        once = self._exact(*first)
        if self._repeats == 1 or any(answer.status == 0 for side in first for answer in side):
            return once
        if self._probe.writes:
            return self._written(once) if once.outcome is Outcome.FAILED else once
        return self._read()

    @property
    def first(self) -> tuple[list[Answer], list[Answer]]:
        """What either side answered first."""
        return self._sides["baseline"][0], self._sides["candidate"][0]

    def _read(self) -> Judgement:
        """The judgement on a probe that may be repeated at will."""
        self._grow(self._repeats)
        if self._calibration().noisy:
            self._grow(_LOOKS)
        judgement = self._compared()
        if judgement.outcome is Outcome.FAILED and self._was_quiet_by_chance():
            self._grow(_LOOKS)
            judgement = self._compared()
        judgement = self._settled(judgement)
        self._keep(self._calibration(), len(self._sides["baseline"]))
        return judgement

    def _written(self, once: Judgement) -> Judgement:
        """What a difference of a probe that writes is worth."""
        first = self._sides["baseline"][0], self._sides["candidate"][0]
        repetitions: list[Repetition] = []
        candidate: list[list[Answer]] = []
        calibration = Calibration()
        while len(repetitions) < _SURE[True] - 1 and not calibration.once:
            repetitions.append(self._again("baseline"))
            # What the repetitions leave behind has to be the same on both sides, or every later probe would differ.
            candidate.append(list(self._again("candidate").answers))
            calibration = calibrate(first[0], repetitions, self._rules, self._headers)
        self._keep(calibration, 1 + len(repetitions))
        if calibration.once:
            return replace(once, reason=f"{once.reason}; not calibrated: writes once ({calibration.once})")
        if not is_explained(self._probe.id, first, calibration, self._rules, self._allowances, self._headers):
            return replace(once, reason=f"{once.reason}; the baseline does not differ from itself there")
        self._sides["baseline"] += [list(repetition.answers) for repetition in repetitions]
        self._sides["candidate"] += candidate
        return self._settled(self._compared())

    def _settled(self, judgement: Judgement) -> Judgement:
        """The judgement after as many more repetitions as an inconclusive one asks for."""
        needed = judgement.n_needed or 0
        if judgement.outcome is not Outcome.INCONCLUSIVE or not len(self._sides["candidate"]) < needed <= _AT_MOST:
            return judgement
        self._grow(needed)
        return self._compared()

    def _was_quiet_by_chance(self) -> bool:
        """Whether the baseline, asked more often, differs from itself at more places than it did."""
        before = self._calibration().noisy
        self._grow(_SURE[False], ("baseline",))
        return set(self._calibration().noisy) > set(before)

    def _calibration(self) -> Calibration:
        first, *others = self._sides["baseline"]
        return calibrate(first, [Repetition(answers) for answers in others], self._rules, self._headers)

    def _compared(self) -> Judgement:
        baseline, candidate = self._sides["baseline"], self._sides["candidate"]
        if self._calibration().noisy or self._probe.writes:
            return self._noisy(self._probe.id, baseline, candidate, self._rules, self._allowances, self._headers)
        exact = [self._exact(baseline[0], answers) for answers in candidate]
        judgement = next((it for it in exact if it.outcome is not Outcome.PASSED), exact[0])
        return replace(judgement, reason=f"{judgement.reason}; {len(candidate)} repetitions, no noise")

    def _exact(self, baseline: Sequence[Answer], candidate: Sequence[Answer]) -> Judgement:
        return compare_answers(self._probe.id, baseline, candidate, self._rules, self._allowances, self._headers)

    def _grow(self, times: int, roles: Sequence[str] = ("baseline", "candidate")) -> None:
        for role in roles:
            asked = self._sides[role]
            while len(asked) < times and sum(answer.seconds for answers in asked for answer in answers) < _LONGEST_S:
                self._ask(role)

    def _ask(self, role: str) -> list[Answer]:
        stack = self._world.stack(self._asked.candidate if role == "candidate" else role)
        answers = exchange(self._probe.requests, stack.url, headers=self._asked.headers)
        self._sides[role].append(answers)
        return answers

    def _again(self, role: str) -> Repetition:
        """A repetition on a side in which each reading request is asked several times in a row."""
        often = [1 if request.writes else 1 + _READINGS for request in self._probe.requests]
        requests = [request for request, n in zip(self._probe.requests, often, strict=True) for _ in range(n)]
        groups = list(_groups(exchange(requests, self._world.stack(role).url), often))
        return Repetition([group[0] for group in groups], [group[1:] for group in groups])

    def _keep(self, calibration: Calibration, repetitions: int) -> None:
        entry = {"probe": self._probe.id, "repetitions": repetitions, **asdict(calibration)}
        with (self._world.out / "calibration.ndjson").open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def _groups(answers: Sequence[Answer], sizes: Sequence[int]) -> Iterator[Sequence[Answer]]:
    start = 0
    for size in sizes:
        yield answers[start : start + size]
        start += size
