"""Turns flags through the router and looks who is served by whom; the truth table and the bucketing rules are judged by `checks`."""

import time
from collections.abc import Mapping
from contextlib import nullcontext
from functools import cached_property
from itertools import product
from typing import Any

from godwit.checks import (
    FlagCase,
    User,
    cases,
    expected_side,
    judge_case,
    judge_matrix,
    judge_monotone,
    judge_share,
    judge_sticky,
    judge_within,
    other_value,
    required_on,
)
from godwit.faults import injected
from godwit.plan import Flag, TruthTable
from godwit.session.world import World
from godwit.surfaces import send
from godwit.verdict import Judgement, all_of, failed, inconclusive, passed

_POLL_S = 0.02


class Selector:
    """The runtime selector as its users meet it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.first_flags: dict[str, Any] = {}

    def remember_first_flags(self, role: str) -> None:
        """Keep the flags that a stack came up with the first time, before anyone set one."""
        self.first_flags = {**self._world.switches.first_look(role), **self.first_flags}

    def default(self, flag: Flag) -> Judgement:
        """Whether the router came up with the plan's default, which is what gives baseline behaviour."""
        if flag.name not in self.first_flags:
            return inconclusive(f"{flag.name} was never seen before it was set")
        seen = self.first_flags[flag.name]
        shown = list(seen) if isinstance(seen, list | tuple) else seen
        wanted = list(flag.default) if isinstance(flag.default, tuple) else flag.default
        if shown != wanted or type(shown) is not type(wanted):
            return failed(f"{flag.name} came up as {shown!r}, not {wanted!r}")
        return passed(f"{flag.name} came up as {shown!r}")

    def defaults_serve_baseline(self) -> Judgement:
        """Whether all made-up users are on the baseline under default flags."""
        moved = self._moved({flag.name: flag.default for flag in self._world.plan.flags.flags})
        return judge_share(0.0, len(moved), len(self._world.users))

    def matrix(self) -> Judgement:
        """Whether the cases cover what the plan asks for, counted anew from the plan and the cases."""
        return judge_matrix(self._world.plan.flags, cases(self._world.plan.flags))

    def case(self, case: FlagCase) -> Judgement:
        """Set the flags of a case, bring the candidate into the case's health, and see who serves four kinds of user."""
        return judge_case(case, self._observe(case), self.truth)

    def share(self, level: float) -> Judgement:
        """Whether a percentage moves that share of the users."""
        moved = self._level_sets[level] if level in self._level_sets else self._moved(self._percent_flags(level))
        return judge_share(level, len(moved), len(self._world.users))

    def monotone(self) -> Judgement:
        """Whether nobody leaves the candidate as the percentage grows."""
        return judge_monotone(sorted(self._level_sets.items()))

    def sticky(self) -> Judgement:
        """Whether every user is served by the same side when asked again, and again after the router has restarted."""
        self._world.switches.put(self._percent_flags(50.0))
        first = self._world.router.assignments(self._world.users)
        again = self._world.router.assignments(self._world.users)
        router = self._world.stack("router")
        router.stop()
        router.start()
        restarted = self._world.router.assignments(self._world.users)
        return all_of([judge_sticky(first, again), judge_sticky(first, restarted)])

    def acts_in_time(self, flag: Flag) -> Judgement:
        """Change one flag so that a user must be served by another side, and time how long that takes."""
        if flag.max_effect_s is None:
            return inconclusive(f"the plan states no max_effect_s for {flag.name}")
        pair = self.turning(flag, is_healthy=False)
        if pair is None:
            return self._shows_in_time(flag, flag.max_effect_s)
        before, after, user = pair
        self._world.switches.put(before.flags)
        with self._health(after):
            self._world.switches.put(after.flags)
            started = time.monotonic()
            wanted = expected_side(self.truth, after, user)
            while (waited := time.monotonic() - started) <= flag.max_effect_s and self.side_of(user) != wanted:
                time.sleep(_POLL_S)
        return judge_within(waited, flag.max_effect_s, f"{flag.name} took effect")

    @property
    def truth(self) -> TruthTable:
        """The truth table; there is one wherever there are flag cases."""
        truth = self._world.plan.flags.truth
        if truth is None:
            raise ValueError("flag cases exist only with flags.truth")
        return truth

    @cached_property
    def _level_sets(self) -> dict[float, set[str]]:
        levels = (0.0, 1.0, 5.0, 10.0, 25.0, 50.0, 75.0, 99.0, 100.0)
        return {level: self._moved(self._percent_flags(level)) for level in levels}

    @cached_property
    def _four_users(self) -> list[User]:
        """One user that moves early and one that moves late, each from a team that flags name and from one they do not."""
        named = {
            team
            for flag in self._world.plan.flags.flags
            if flag.type == "list"
            for v in flag.values
            for team in _words(v)
        }
        early, late = self._level_sets[25.0], self._level_sets[75.0]
        chosen = []
        for moves_early, in_named in product((True, False), (True, False)):
            level = 25.0 if moves_early else 99.0
            found = next(
                ((who, team) for who, team in self._world.users
                 if (who in early if moves_early else who not in late) and (team in named) == in_named),
                None,
            )  # fmt: skip
            if found:
                chosen.append(User(*found, bucket_below=level))
        return chosen

    def _observe(self, case: FlagCase) -> list[tuple[User, str]]:
        users = self._four_users
        self._world.switches.put(case.flags)
        with self._health(case):
            return [(user, self.side_of(user)) for user in users]

    def _health(self, case: FlagCase) -> Any:
        if not case.candidate_failing:
            return nullcontext()
        self._world.may_write("candidate")
        return injected(self._world.faults("candidate"), {"error_rate": 1.0})

    def side_of(self, user: User) -> str:
        """Who serves this user now."""
        router = self._world.plan.rollout.router  # type: ignore[union-attr]
        headers = {router.user_header: user.id, router.team_header: user.team}
        answer = send("GET", self._world.stack("router").url + router.ask, headers=headers)
        if answer.status == 0 or answer.status >= 500:
            return "error"
        return self._world.router.served_by(answer) or "nobody"

    def _percent_flags(self, level: float) -> dict[str, Any]:
        """Flags under which only the percentage decides."""
        values: dict[str, Any] = {}
        for flag in self._world.plan.flags.flags:
            if flag.set_by:
                continue  # it is not the router's
            on: Any = True if flag.type == "bool" else flag.default
            values[flag.name] = int(level) if flag.type == "percent" else on
        return values

    def _moved(self, flags: Mapping[str, Any]) -> set[str]:
        self._world.switches.put(flags)
        return {who for who, side in self._world.router.assignments(self._world.users).items() if side == "candidate"}

    def turning(self, flag: Flag, *, is_healthy: bool = True) -> tuple[FlagCase, FlagCase, User] | None:
        """Two cases that differ in one flag, and a user whom that moves; only cases of a healthy candidate, or any."""
        every = cases(self._world.plan.flags) if self._world.plan.flags.truth and not flag.set_by else ()
        for before, after in product(every, every):
            others = all(before.flags[name] == after.flags[name] for name in before.flags if name != flag.name)
            if before.candidate_failing != after.candidate_failing or not others or before.flags == after.flags:
                continue
            if is_healthy and before.candidate_failing:
                continue
            for user in self._four_users:
                if expected_side(self.truth, before, user) != expected_side(self.truth, after, user):
                    return before, after, user
        return None

    def _shows_in_time(self, flag: Flag, limit_s: float) -> Judgement:
        """Where nobody is moved by a flag: change it and time how long it takes to show."""
        switches, other = self._world.switches, other_value(flag, flag.baseline_value)
        if other is None or switches.place(flag, switches.through(flag)) is None:
            return inconclusive(
                f"no case of the truth table turns on {flag.name} alone, and flags.shown does not have it"
            )
        before = {**required_on(self._world.plan.flags, flag), flag.name: flag.baseline_value}
        wanted = switches.effective({**before, flag.name: other})[flag.name]
        switches.set(before)
        started = time.monotonic()
        switches.put({flag.name: other})
        while not switches.shows(flag, wanted) and time.monotonic() - started <= limit_s:
            time.sleep(_POLL_S)
        return judge_within(time.monotonic() - started, limit_s, f"{flag.name} showed")


def _words(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple | list) else ()
