"""Runs a load profile once a phase while resources are sampled, and has the criteria judged on what was observed."""

import time
from collections.abc import Mapping
from dataclasses import replace

from godwit.checks import judge_criterion, labelled, unfit
from godwit.load import Progress, Typed, run_load
from godwit.plan import Criterion, LoadProfile, asked_in_words
from godwit.rollout import RouterControl
from godwit.session.benchmarks import Benchmarks
from godwit.session.readings import counters
from godwit.session.starts import Starts
from godwit.session.stopping import follow
from godwit.session.typing_loads import typed
from godwit.session.world import World
from godwit.stacks import Neighbours, Sampler, ownership
from godwit.surfaces import growth
from godwit.verdict import GodwitError, Judgement, Observation, inconclusive

_SAMPLE_EVERY_S = 0.2
_TRIES = 3
_SIDES = ("baseline", "candidate")


class Budgets:
    """Observations by phase and profile, made on first need."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[tuple[str, str], Observation] = {}
        self._benchmarks = Benchmarks(world)
        self._starts = Starts(world)

    def judge(self, criterion: Criterion, within: str) -> Judgement:
        """Judge a criterion on its load, benchmark or starts, run once within a phase or a rollout step (`within` names it)."""
        if criterion.benchmark is not None:
            timed = self._benchmarks.observe(criterion.benchmark, within)
            return inconclusive(timed) if isinstance(timed, str) else judge_criterion(criterion, timed)
        if criterion.starts is not None:
            return judge_criterion(criterion, self._starts.observe(criterion.starts, within))
        if criterion.profile is None:
            return inconclusive(f"criterion {criterion.id} names no load profile to measure it under")
        observation = self.observe(criterion.profile, within)
        return labelled(judge_criterion(criterion, observation), observation.load)

    def observe(
        self, profile_id: str, within: str, users: Mapping[str, list[tuple[str, str]]] | None = None
    ) -> Observation:
        """Run a profile, or give what it showed before within the same phase or step."""
        key = (within, profile_id)
        if key not in self._seen:
            profile = next(item for item in self._world.plan.profiles if item.id == profile_id)
            self._seen[key] = self._fit(profile, within, users)
        return self._seen[key]

    def _fit(self, profile: LoadProfile, within: str, users: Mapping[str, list[tuple[str, str]]] | None) -> Observation:
        """Run a load, and again where it was not what was asked for; what it showed of the stacks decides nothing here."""
        for _ in range(_TRIES - 1):
            observation = self._run(profile, within, users)
            trouble = unfit(observation.load)
            if not trouble:
                return observation
            self._world.events.emit("load", profile.id, f"once more: {trouble}")
        return self._run(profile, within, users)

    def _run(self, profile: LoadProfile, within: str, users: Mapping[str, list[tuple[str, str]]] | None) -> Observation:
        world = self._world
        world.events.emit("load", profile.id, f"{profile.told} ({within})")
        asked = [asked_in_words(it) for it in world.plan.criteria if it.profile == profile.id]
        world.events.emit("budget", profile.id, "; ".join(asked))
        roles = [role for role in _SIDES if world.stack(role).is_running()]
        if any(operation.may_write for operation in profile.operations):
            world.may_write(*roles)
        samplers = {role: Sampler(world.stack(role), _SAMPLE_EVERY_S) for role in roles}
        before = {role: counters(world, role) for role in roles}
        neighbours = Neighbours(() if self._is_elsewhere else list(world.stacks.values()))
        for sampler in samplers.values():
            sampler.start()
        neighbours.start()
        begins: list[float] = []
        targets = self._targets(profile, roles)
        told = follow(profile, lambda text: world.events.emit("load", profile.id, text))

        def tell(progress: Progress) -> None:
            begins.append(time.monotonic() - progress.seconds)
            told(progress)

        try:
            load = run_load(
                profile,
                targets=targets,
                commands={role: self._typed(profile, role, url) for role, url in targets.items()},
                route=world.plan.rollout.router if profile.target == "router" and world.plan.rollout else None,
                users=users or self._users(profile),
                seed=world.plan.migration.seed,
                out=world.out / "load" / f"{within}-{profile.id}",
                on_progress=tell,
                environ=ownership(),
            )
        finally:
            resources = {role: sampler.stop() for role, sampler in samplers.items()}
        foreign = 0.0 if self._is_elsewhere else neighbours.stop()
        load = replace(load, foreign_cpu=foreign, foreign_cpu_at_most=profile.other_work / 100)
        world.events.emit("load", profile.id, f"done; other work used {foreign:.0%} of the machine")
        grown = {role: growth(before[role], counters(world, role)) for role in roles}
        # Progress is read late and never early, so the earliest beginning that it tells is the nearest one.
        return Observation(load, resources, grown, min(begins, default=None), profile.warmup_s)

    @property
    def _is_elsewhere(self) -> bool:
        """Whether the stacks are not godwit's own, so that nobody can tell their work from other work."""
        return self._world.setting.profile == "endpoint"

    def _users(self, profile: LoadProfile) -> dict[str, list[tuple[str, str]]]:
        """Who takes part for each side; through the router those whom it serves from that side, if there are any."""
        if self._world.plan.rollout is None:
            return {side: [("user", "team")] for side in _SIDES}
        if profile.target != "router":
            return dict.fromkeys(_SIDES, self._world.users)
        return {side: arm for side, arm in by_side(self._world.router, self._world.users).items() if arm}

    def _typed(self, profile: LoadProfile, role: str, url: str) -> dict[str, Typed]:
        world = self._world
        return typed(profile, {**world.places.of(role), "url": url}, world.variables(role))

    def _targets(self, profile: LoadProfile, roles: list[str]) -> dict[str, str]:
        if profile.target == "router":
            return dict.fromkeys(_SIDES, self._world.stack("router").url)
        return {role: self._world.stack(role).url for role in roles}


def by_side(router: RouterControl, users: list[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """The users that each side serves now; GodwitError when the router names a side that it must not."""
    assigned = router.assignments(users)
    if unknown := set(assigned.values()) - set(_SIDES):
        raise GodwitError(
            f"the router assigns users to {', '.join(sorted(unknown))}; only baseline and candidate exist"
        )
    return {side: [(who, team) for who, team in users if assigned[who] == side] for side in _SIDES}
