"""Trials of data and outages: a schema that changes under traffic, a database that is lost, and what 72 hours would have been."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from plumbing.journal import Journal
from plumbing.proof import Proof
from v3_roadmap.deployment import schema
from v3_roadmap.deployment.probing import Probed, registering, users
from v3_roadmap.infrastructure import programs
from v3_roadmap.infrastructure.querying import ask
from v3_roadmap.tools.refusals import RefusedError
from v3_roadmap.trials.deploying import served_by, soon
from v3_roadmap.trials.sites import Site, standing_site

WINDOW_H, BUDGET_S, CRASHES_A_DAY = 72, 25.92, 2
KILLS, STREAK = 4, 10


def schema_change(proof: Proof, folder: Path) -> None:
    """A column becomes another in steps, with three releases beside each other, while users read and write: none of them notices."""
    with standing_site(folder, V3_SCHEMA="1") as site, users(site.router.url, registering) as traffic:
        url = site.store.replace("+psycopg", "")
        journal = Journal(folder / "schema.jsonl")
        soon(traffic, 60)
        steps = [
            ("expand", _expanded(url, proof)),
            ("both", _switched(site, "both", "2")),
            ("fill", _filled(url, proof)),
        ]
        steps += [("new", _switched(site, "new", "3")), ("contract", _contracted(url))]
        for name, step in steps:
            step()
            journal.append({"event": name, "columns": schema.columns(url)})
            soon(traffic, len(traffic.probed) + 40)
        rows = _skills(url)
    _judged(proof, traffic, rows, journal)


def _expanded(url: str, proof: Proof) -> Callable[[], None]:
    def step() -> None:
        with psycopg.connect(url) as reader:
            # Somebody reads in a transaction that stays open for a while: the change may not queue before everybody else.
            reader.execute("select count(*) from agents")
            proof.refuses("a change that cannot have its lock waits for nobody", psycopg.Error, _impatient, url)
        schema.expand(url)

    return step


def _impatient(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(f"set lock_timeout = '{schema.LOCK_WAIT}'")
        database.execute("alter table agents add column if not exists skill text")


def _switched(site: Site, name: str, phase: str) -> Callable[[], None]:
    def step() -> None:
        empty, serving = ("green", "blue") if name == "both" else ("blue", "green")
        release = site.release(name, empty, V3_SCHEMA=phase)
        site.router.attach(empty, site.running.enter_context(release.production()))
        for percent in (10, 50, 100):
            site.router.split(percent if empty == "green" else 100 - percent)
            time.sleep(0.5)
        site.router.detach(serving)

    return step


def _filled(url: str, proof: Proof) -> Callable[[], None]:
    def step() -> None:
        proof.that("there is something to copy", schema.unfilled(url) > 0)
        proof.refuses("the old column stays until all is copied", RefusedError, schema.contract, url)
        proof.figure("copied", schema.fill(url), "rows")
        proof.same("then nothing is left", schema.unfilled(url), 0)

    return step


def _contracted(url: str) -> Callable[[], None]:
    def step() -> None:
        schema.fill(url)
        schema.contract(url)

    return step


def _skills(url: str) -> dict[str, str]:
    with psycopg.connect(url) as database:
        return dict(database.execute("select id, skill from agents").fetchall())


def _judged(proof: Proof, traffic: Any, rows: dict[str, str], journal: Journal) -> None:
    entries = journal.entries()
    proof.same(
        "the steps came in their order", [e["event"] for e in entries], ["expand", "both", "fill", "new", "contract"]
    )
    proof.that("both columns were there meanwhile", {"skill", "specialization"} <= set(entries[2]["columns"]))
    proof.that("one is left", "specialization" not in entries[-1]["columns"] and "skill" in entries[-1]["columns"])
    proof.same("no request failed", traffic.failed(), [])
    proof.same("nobody ever read another skill than was written", traffic.differing, [])
    lost = [agent for agent, skill in traffic.acknowledged.items() if rows.get(agent) != skill]
    proof.same("everything acknowledged is there", lost, [])
    proof.that("the traffic was some", len(traffic.probed) > 200 and len(traffic.acknowledged) > 20)
    proof.figure("requests", len(traffic.probed), "requests")
    proof.figure("longest", round(1000 * max(probe.took_s for probe in traffic.probed)), "ms")


def disaster_recovery(proof: Proof, folder: Path) -> None:
    """The database is dumped, lost, and restored elsewhere; every row is there again, and V3 answers from it."""
    with programs.postgresql(folder) as store:
        words = ("--store", store, "--cache", "memory")
        with programs.service("v3_roadmap.candidate", *words, folder=folder, name="before") as url:
            for number in range(40):
                ask(f"{url}/commands/register-agent", {"agent": f"agent-{number}", "team": "red", "capacity": 2})
                ask(f"{url}/commands/add-work", {"type": "t", "description": f"Ünïcode '{number}'", "team": "red"})
            before = ask(f"{url}/commands/list-agents", {})[1]["result"]
        rows = _rows(store)
        proof.that("there is something to lose", sum(map(len, rows.values())) > 80)
        begun = time.monotonic()
        _dump(store, folder / "dump")
        _lose(store)
        proof.same("it is lost", _rows(store), {})
        _restore(store, folder / "dump")
        proof.figure("dump, loss and restore", round(time.monotonic() - begun, 2), "s")
        proof.same("every row of every table is there again", _rows(store), rows)
        with programs.service("v3_roadmap.candidate", *words, folder=folder, name="after") as url:
            proof.same("V3 answers from it", ask(f"{url}/commands/list-agents", {})[1]["result"], before)
            more = {"type": "t", "description": "after", "team": "red"}
            proof.same("and goes on", ask(f"{url}/commands/add-work", more)[0], 200)


def _rows(store: str) -> dict[str, list[Any]]:
    with psycopg.connect(store.replace("+psycopg", "")) as database:
        names = [row[0] for row in database.execute("select tablename from pg_tables where schemaname = 'public'")]
        query = sql.SQL("select * from {}")
        return {name: sorted(map(str, database.execute(query.format(sql.Identifier(name))))) for name in names}


def _at(store: str) -> list[str]:
    url = make_url(store)
    return ["-h", str(url.host), "-p", str(url.port), "-U", str(url.username)]


def _client(program: str) -> str:
    return programs.installed(program, "postgresql-client-15", *programs.POSTGRESQL)


def _dump(store: str, path: Path) -> None:
    programs.run([_client("pg_dump"), *_at(store), "-Fc", "-f", path, "coordination"])


def _lose(store: str) -> None:
    for program in ("dropdb", "createdb"):
        programs.run([_client(program), *_at(store), "coordination"])


def _restore(store: str, path: Path) -> None:
    programs.run([_client("pg_restore"), *_at(store), "--exit-on-error", "-d", "coordination", path])


def uptime_simulated(proof: Proof, folder: Path) -> None:
    """Processes of both slots are killed in turn and started again; what users missed, on the clock of 72 hours, is within 99.99 %."""
    with standing_site(folder) as site, users(site.router.url) as traffic:
        urls = {"blue": site.first, "green": site.running.enter_context(site.release("second").production())}
        site.router.attach("green", urls["green"])
        site.router.split(50)
        for number in range(KILLS):
            slot = ("blue", "green")[number % 2]
            proof.that(f"{slot} serves before crash {number + 1}", served_by(traffic, slot))
            _kill(urls[slot])
            soon(traffic, len(traffic.probed) + 50)
            urls[slot] = site.running.enter_context(site.release(f"again-{number}", slot).production())
            site.router.attach(slot, urls[slot])
            site.router.split(50)
    down_s = outages_s(traffic.probed)
    crashes = CRASHES_A_DAY * WINDOW_H // 24
    expected_s = down_s / KILLS * crashes
    availability = 100 * (1 - expected_s / (WINDOW_H * 3600))
    proof.that("requests were many", len(traffic.probed) > 200)
    proof.that("a crash costs no more than the request that is just answered", len(traffic.failed()) <= KILLS)
    proof.that(f"{crashes} crashes in {WINDOW_H} h stay within {BUDGET_S} s", expected_s <= BUDGET_S)
    proof.that("that is 99.99 % or more", availability >= 99.99)
    proof.figure("crashes tried", KILLS, "crashes")
    proof.figure("down in all of them", round(down_s, 3), "s")
    proof.figure(f"down in {WINDOW_H} h with {CRASHES_A_DAY} crashes a day", round(expected_s, 3), "s")
    proof.figure("availability", round(availability, 5), "%")


def _kill(url: str) -> None:
    """Ends the process that listens there as a crash would."""
    port = int(url.rpartition(":")[2])
    listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    pids = [c.pid for c in listening if c.laddr and tuple(c.laddr)[1] == port]
    psutil.Process(pids[0]).kill()


def outages_s(probed: list[Probed], streak: int = STREAK) -> float:
    """The seconds in which the service was not whole: from a failed request to the first of a streak of good ones."""
    down, since, good_since, good = 0.0, None, 0.0, 0
    for probe in sorted(probed, key=lambda probe: probe.at_s):
        if probe.status != 200:
            since, good = probe.at_s if since is None else since, 0
            continue
        good_since, good = good_since if good else probe.at_s, good + 1
        if since is not None and good == streak:
            down, since = down + good_since - since, None
    return down + (probed[-1].at_s + probed[-1].took_s - since if since is not None else 0)
