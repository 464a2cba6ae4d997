"""The four steps of a deployment in their order, on record: staging, validation, split traffic, cutover; regressions go back."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from plumbing.journal import Journal
from v3_roadmap.clients.commands import Client, Refusal, story
from v3_roadmap.deployment.router import Router
from v3_roadmap.infrastructure.programs import NotStartedError
from v3_roadmap.infrastructure.querying import ask
from v3_roadmap.tools.refusals import RefusedError

SPLITS = (10, 50, 100)
TRIES = 3
LOAD, LIMIT_MS = 100, 100.0
ENOUGH, PATIENCE_S = 20, 60.0
COMMANDS = 15


@dataclass(frozen=True, slots=True)
class Release:
    """A version that can be started: on a store of staging, or on production's; each gives the URL of a healthy service."""

    name: str
    staging: Callable[[], AbstractContextManager[str]]
    production: Callable[[], AbstractContextManager[str]]


class Deployment:
    """Deploys releases to the green slot of a router whose blue slot serves; `journal` is a file that grows."""

    def __init__(self, journal: Path, router: Router, running: ExitStack) -> None:
        self._journal = Journal(journal)
        self._router = router
        self._running = running

    def deploy(self, release: Release) -> float:
        """All four steps; the seconds they took. Raises RefusedError where a step does not pass; blue then serves all, as before."""
        begun = time.monotonic()
        try:
            self.validate(release)
            self.bring_out(release)
        except (RefusedError, NotStartedError) as error:
            self._note("deployed", release, result="failed", reason=str(error)[:300])
            raise RefusedError(f"{release.name} is not deployed: {error}") from error
        took = time.monotonic() - begun
        self._note("deployed", release, result="ok", seconds=round(took, 2))
        return took

    def validate(self, release: Release) -> None:
        """Steps one and two: on staging, where all commands and a load are tried."""
        with ExitStack() as staging:
            url = self._started(release.staging, staging)
            self._note("staging", release)
            done, (mean_ms, errors) = _commands(url), _load(url)
            passed = done >= COMMANDS and not errors and mean_ms < LIMIT_MS
            figures = {"commands": done, "load": LOAD, "mean_ms": round(mean_ms, 1), "errors": errors}
            self._note("validated" if passed else "refused", release, **figures)
            if not passed:
                raise RefusedError(f"staging: {done} commands, {errors} errors, mean {mean_ms:.1f} ms")

    def bring_out(self, release: Release) -> None:
        """Steps three and four: beside what serves, with more and more of the traffic; refuses what was not validated."""
        self._demand_validation(release)
        self._router.attach("green", self._started(release.production, self._running))
        for percent in SPLITS:
            before = self._router.served("green"), self._router.served("blue")
            self._router.split(percent)
            self._note("split", release, percent=percent)
            fault = self._watched(release, percent, before[0].answered, before[0].errors)
            if fault:
                seconds = self.roll_back(release, fault)
                raise RefusedError(f"rolled back from {percent} % in {seconds:.2f} s: {fault}")
        self._router.detach("blue")
        self._note("cutover", release)

    def roll_back(self, release: Release, reason: str) -> float:
        """All traffic to blue again, green empties; the seconds until it has. The reason and the figures are kept for the analysis."""
        begun = time.monotonic()
        self._router.split(0)
        figures = self._router.served("green")
        self._router.detach("green")
        took = time.monotonic() - begun
        analysis = {"answered": figures.answered, "errors": figures.errors, "mean_ms": figures.mean_ms}
        self._note("rolled-back", release, reason=reason, seconds=round(took, 3), analysis=analysis)
        return took

    def _demand_validation(self, release: Release) -> None:
        passed = [entry for entry in self._journal.entries() if entry["release"] == release.name]
        if not any(entry["event"] == "validated" for entry in passed):
            raise RefusedError(f"{release.name} was not validated on staging; production is not touched")

    def _watched(self, release: Release, percent: int, answered: int, errors: int) -> str:
        """Waits for enough answers of green in a step; what is wrong with them, or nothing."""
        ends = time.monotonic() + PATIENCE_S
        while (seen := self._router.served("green")).answered - answered < ENOUGH:
            if time.monotonic() > ends:
                return f"no traffic: {seen.answered - answered} answers in {PATIENCE_S:g} s"
            if seen.errors > errors:
                break
            time.sleep(0.05)
        new = seen.errors - errors
        self._note(
            "health", release, percent=percent, answered=seen.answered - answered, errors=new, mean_ms=seen.mean_ms
        )
        if new:
            return f"{new} errors in {seen.answered - answered} answers"
        return f"mean of {seen.mean_ms:.0f} ms" if seen.mean_ms >= LIMIT_MS else ""

    def _started(self, start: Callable[[], AbstractContextManager[str]], running: ExitStack) -> str:
        """Starts a service, again where it does not come up: a start that fails is nothing that users notice."""
        for number in range(1, TRIES + 1):
            try:
                return running.enter_context(start())
            except NotStartedError:
                if number == TRIES:
                    raise
        raise AssertionError("unreachable")

    def _note(self, event: str, release: Release, **more: object) -> None:
        self._journal.append({"event": event, "release": release.name} | more)


def _commands(url: str) -> int:
    """How many different commands work in the story of all; none where one of them does not."""
    try:
        return len({name for name, _ in story(Client(url))})
    except (Refusal, OSError):
        return 0


def _load(url: str) -> tuple[float, int]:
    """The mean of a hundred requests in milliseconds, and how many were not answered with 200."""
    begun = time.monotonic()
    codes = [ask(f"{url}/status")[0] for _ in range(LOAD)]
    return 1000 * (time.monotonic() - begun) / LOAD, LOAD - codes.count(200)
