"""Trials of the memory store: each version reads what the other wrote, partitions come on demand, cleaning takes one only."""

from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

from fleet_1_0_5.tools.trials.routing import ON, ORDER
from fleet_1_0_5.tools.trials.sentences import Sentences
from fleet_1_0_5.tools.trials.standing import Service, standing

TASKS = 30
NEW = ("routing/costs", "routing/selections", "streaming/sessions")


def shared(say: Sentences, folder: Path) -> None:
    """1.0.5 reads every task and entry of 1.0.4, and 1.0.4 those of 1.0.5 with all features on."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "shared.db"
    store = f"sqlite:///{file.absolute()}"
    with standing("baseline", folder, store=store) as old:
        for number in range(TASKS):
            old.ask("POST", "/tasks", {**ORDER, "description": f"Task {number}"})
        first, entries = tasks_of(old), entries_of(old)
        say.same("1.0.4 has written its tasks", len(first), TASKS)
    before = schema(file)
    switches = {**ON, "features.streaming": True, "streaming.enabled": True}
    with standing("candidate", folder, config="fleet.test.yaml", store=store, changes=switches) as new:
        say.same("1.0.5 reads all of them unchanged", tasks_of(new), first)
        say.same("and all entries of the memory", entries_of(new), entries)
        for number in range(TASKS):
            new.ask("POST", "/tasks", {**ORDER, "description": f"Later {number}"})
        new.stream("/tasks", ORDER)
        partitions = new.get("/memory")["partitions"]
        for name in NEW:
            say.say(f"partition {name} was created on demand", name in partitions, partitions)
        all_tasks = tasks_of(new)
    say.say("the tables of 1.0.4 are as they were", before.items() <= schema(file).items(), (before, schema(file)))
    with standing("baseline", folder, store=store) as old:
        say.same("1.0.4 reads all tasks of 1.0.5", tasks_of(old), all_tasks)
        say.same("and goes on writing", old.ask("POST", "/tasks", ORDER).status, 201)


def marker(say: Sentences, folder: Path) -> None:
    """The marker is stored with its partition, owner and access; clearing the test partition leaves the others alone."""
    from fleet_1_0_5.candidate.memory import AccessLevel, SwarmMemoryManager
    from plumbing.store import open_engine

    folder.mkdir(parents=True, exist_ok=True)
    engine = open_engine(f"sqlite:///{(folder / 'marker.db').absolute()}")
    memory = SwarmMemoryManager(engine)
    value = {"version": "1.0.5", "timestamp": "2026-11-21T12:00:00+00:00"}
    options = {"partition": "coordination", "owner": "system", "accessLevel": AccessLevel.SYSTEM}
    memory.store("routing/initialized", value, options)
    memory.store("scratch", {"n": 1}, {"partition": "test-partition"})
    say.same("the marker is read back", memory.retrieve("routing/initialized", "coordination"), value)
    entry = memory.entries("coordination", 10)[0]
    say.same(
        "with owner system and access SYSTEM", (entry["owner"], str(entry["accessLevel"]).upper()), ("system", "SYSTEM")
    )
    memory.clear("test-partition")
    say.same("clearing test-partition leaves the others", memory.partitions(), ["coordination"])
    say.same("and their entries", memory.retrieve("routing/initialized", "coordination"), value)
    engine.dispose()


def tasks_of(fleet: Service) -> list[dict[str, Any]]:
    """Every task, page by page."""
    found: list[dict[str, Any]] = []
    path = "/tasks?limit=50"
    while True:
        page = fleet.get(path)
        found += page["tasks"]
        if page["next"] is None:
            return found
        path = f"/tasks?limit=50&cursor={page['next']}"


def entries_of(fleet: Service) -> list[dict[str, Any]]:
    """The entries of the coordination of agents."""
    entries: list[dict[str, Any]] = fleet.get("/memory/coordination?limit=500")["entries"]
    return entries


def schema(file: Path) -> dict[str, str]:
    """What each table was made with."""
    with closing(connect(f"file:{file}?mode=ro", uri=True)) as connection:
        query = "select name, sql from sqlite_master where type = 'table'"
        return dict(connection.execute(query))
