"""Trials of deployments: four steps in their order, split traffic without a failed request, the way back, how often it works."""

import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plumbing.journal import Journal
from plumbing.proof import Proof
from v3_roadmap.deployment.pipeline import Release
from v3_roadmap.deployment.probing import registering, users
from v3_roadmap.infrastructure.programs import NotStartedError
from v3_roadmap.infrastructure.querying import ask
from v3_roadmap.tools.refusals import RefusedError
from v3_roadmap.trials.sites import Site, standing_site

ROLLBACK_LIMIT_S, DEPLOY_LIMIT_S, DEPLOY_TARGET_S = 300, 1800, 900
# 59 of 59 is the least that shows 95 % with 95 % confidence.
RUNS, AT_ONCE, RELIABLE = 59, 2, 95.0
# Written down once more: the tool's own list may be wrong.
SPLITS = (10, 50, 100)


def staging(proof: Proof, folder: Path) -> None:
    """A release is tried on staging with all commands and a load; what fails there does not reach production."""
    with standing_site(folder) as site:
        site.deployment.validate(site.release("second"))
        entry = _entries(site, "validated")[-1]
        proof.same("all 15 commands were tried", entry["commands"], 15)
        proof.same("a load was, without an error", (entry["load"], entry["errors"]), (100, 0))
        proof.that("under 100 ms in the mean", entry["mean_ms"] < 100)
        proof.figure("mean on staging", entry["mean_ms"], "ms")
        bad = site.release("bad")
        slow = Release("bad", lambda: _spoiled(bad, {"error_rate": 0.2}), bad.production)
        proof.refuses("a release with errors on staging is refused", RefusedError, site.deployment.deploy, slow)
        proof.same("and production is not touched", _entries(site, "split", "cutover"), [])
        proof.same("the failure is on record", [e["result"] for e in _entries(site, "deployed")], ["failed"])


def order(proof: Proof, folder: Path) -> None:
    """The four steps come in their order, a load before any traffic; production refuses what was not validated."""
    with standing_site(folder) as site:
        new = site.release("second")
        proof.refuses("production refuses what was not validated", RefusedError, site.deployment.bring_out, new)
        proof.same("nothing was done by that", _entries(site), [])
        with users(site.router.url) as traffic:
            took = site.deployment.deploy(new)
        events = [entry["event"] for entry in _entries(site)]
        steps = ["staging", "validated", *["split", "health"] * len(SPLITS), "cutover", "deployed"]
        proof.same("the steps came in their order", events, steps)
        proof.that("the load came before any traffic", events.index("validated") < events.index("split"))
        proof.same("health was looked at in every step", events.count("health"), len(SPLITS))
        proof.same("no request failed", traffic.failed(), [])
        proof.that("it took less than 30 minutes, and than 15", took < DEPLOY_TARGET_S < DEPLOY_LIMIT_S)
        proof.figure("deployment", round(took, 1), "s")


def blue_green(proof: Proof, folder: Path) -> None:
    """Both environments serve at once, 10, 50 and 100 percent go to the new one, and no request fails or gets slower."""
    with standing_site(folder) as site, users(site.router.url) as traffic:
        deployment = site.deployment
        soon(traffic, 50)
        deployment.validate(site.release("second"))
        deployment.bring_out(site.release("second"))
        end = len(traffic.probed)
        soon(traffic, end + 30)
        steps = [(entry["percent"], entry["answered"]) for entry in _entries(site, "health")]
        proof.same("traffic went over in three steps", [percent for percent, _ in steps], list(SPLITS))
        proof.that("with answers of the new one in each", all(answered >= 20 for _, answered in steps))
        seen = {probe.served_by for probe in traffic.probed}
        proof.same("both have served", seen, {"blue", "green"})
        proof.same("afterwards the new one alone", {p.served_by for p in traffic.probed[end + 5 :]}, {"green"})
    proof.same("no request failed", traffic.failed(), [])
    proof.that("requests were many", len(traffic.probed) > 300)
    blue, green = traffic.mean_ms("blue"), traffic.mean_ms("green")
    # One process less shares the machine afterwards; what must not happen is that users wait visibly longer.
    proof.that("users do not wait longer", green < max(2 * blue, 100))
    proof.figure("requests", len(traffic.probed), "requests")
    proof.figure("failed", len(traffic.failed()), "requests")
    proof.figure("mean before", round(blue, 1), "ms")
    proof.figure("mean after", round(green, 1), "ms")


def split(proof: Proof, folder: Path) -> None:
    """The router splits by the very share: of 200 requests 20, 100 and 200 reach the new one."""
    with standing_site(folder) as site:
        site.router.attach("green", site.running.enter_context(site.release("second").production()))
        for percent in (0, *SPLITS):
            site.router.split(percent)
            before = site.router.served("green").answered
            for _ in range(200):
                ask(f"{site.router.url}/status")
            share = site.router.served("green").answered - before
            proof.that(f"{percent} percent are {percent} percent", abs(share - 2 * percent) <= 2)
            proof.figure(f"at {percent} percent", share / 2, "%")


def rollback_in_time(proof: Proof, folder: Path) -> None:
    """In the middle of a deployment all traffic goes back in well under five minutes, without a failed request and with all data."""
    with standing_site(folder) as site, users(site.router.url, registering) as traffic:
        new = site.release("second")
        site.router.attach("green", site.running.enter_context(new.production()))
        site.router.split(50)
        proof.that("the new one serves", served_by(traffic, "green"))
        took = site.deployment.roll_back(new, "drill")
        end = len(traffic.probed)
        soon(traffic, end + 30)
        proof.same("the old one serves all", {p.served_by for p in traffic.probed[end + 5 :]}, {"blue"})
        proof.that("in under five minutes", took < ROLLBACK_LIMIT_S)
        proof.figure("rollback", round(took, 2), "s")
        lost = _lost(site, traffic.acknowledged)
    proof.same("no request failed", traffic.failed(), [])
    proof.same("nothing that was acknowledged is lost", lost, [])
    proof.that("there was something to lose", len(traffic.acknowledged) > 5)


def rollback_on_regression(proof: Proof, folder: Path) -> None:
    """A release that fails or is slow in production only is taken back by itself, with the figures for the analysis."""
    with standing_site(folder) as site:
        for name, faults in (("failing", {"error_rate": 0.5}), ("slow", {"delay_ms": 250.0})):
            with users(site.router.url) as traffic:
                bad = site.release(name, faults=faults)
                proof.refuses(f"the {name} one is not deployed", RefusedError, site.deployment.deploy, bad)
                end = len(traffic.probed)
                soon(traffic, end + 20)
                proof.same(
                    f"{name}: the old one serves all", {p.served_by for p in traffic.probed[end + 5 :]}, {"blue"}
                )
            back = _entries(site, "rolled-back")[-1]
            proof.that(f"{name}: in under five minutes", back["seconds"] < ROLLBACK_LIMIT_S)
            proof.that(f"{name}: the reason and figures are on record", back["reason"] and back["analysis"]["answered"])
            at_most = max(entry["percent"] for entry in _entries(site, "split") if entry["release"] == name)
            proof.same(f"{name}: no more than the first share saw it", at_most, SPLITS[0])
            proof.figure(f"rollback of the {name} one", back["seconds"], "s")


def reliability(proof: Proof, folder: Path) -> None:
    """59 deployments to staging succeed although every fourth start fails: 95 % or more, with 95 % confidence. Of V2's ten, two did."""
    with standing_site(folder) as site, ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(lambda number: _deployed(site, number), range(RUNS)))
    good = done.count(True)
    at_least = 100 * math.pow(0.05, 1 / RUNS) if good == RUNS else 0.0
    proof.same("all succeed", good, RUNS)
    proof.that("that is 95 % or more, with 95 % confidence", at_least >= RELIABLE)
    proof.figure("deployments", good, f"of {RUNS}")
    proof.figure("at least, with 95 % confidence", round(at_least, 1), "%")


def _deployed(site: Site, number: int) -> bool:
    release = site.release(f"run-{number}")
    starts = iter(range(3))

    @contextmanager
    def unreliable() -> Iterator[str]:
        if number % 4 == 0 and next(starts) == 0:
            raise NotStartedError("the start that fails")
        with release.staging() as url:
            yield url

    try:
        site.deployment.validate(Release(release.name, unreliable, release.production))
    except (RefusedError, NotStartedError):
        return False
    return True


@contextmanager
def _spoiled(release: Release, faults: dict[str, float]) -> Iterator[str]:
    with release.staging() as url:
        ask(f"{url}/internal/faults", faults, method="PUT")
        yield url


def _entries(site: Site, *events: str) -> list[dict[str, Any]]:
    entries = Journal(site.journal).entries()
    return [entry for entry in entries if entry["event"] in events or not events]


def soon(traffic: Any, count: int, limit_s: float = 60) -> None:
    """Waits until there are so many requests, or for the limit."""
    ends = time.monotonic() + limit_s
    while len(traffic.probed) < count and time.monotonic() < ends:
        time.sleep(0.02)


def served_by(traffic: Any, side: str, limit_s: float = 60) -> bool:
    """Whether a side serves twenty more requests within the limit."""
    before = traffic.served()[side]
    ends = time.monotonic() + limit_s
    while not traffic.served()[side] > before + 20 and time.monotonic() < ends:
        time.sleep(0.05)
    return bool(traffic.served()[side] > before + 20)


def _lost(site: Site, acknowledged: dict[str, str]) -> list[str]:
    agents = ask(f"{site.router.url}/commands/list-agents", {})[1]["result"]["agents"]
    known = {agent["agent"]: agent["specialization"] for agent in agents}
    return [agent for agent, skill in list(acknowledged.items()) if known.get(agent) != skill]
