"""Keeps what a rollback must not lose: the candidate's state, feedback, metrics, flags; it changes nothing."""

import json
from pathlib import Path

from sqlalchemy import MetaData, select

from orchestration_v2.tools.answers import demand
from plumbing.store import open_engine


def archive(gateway: str, candidate: str, store: str, folder: Path) -> list[str]:
    """Write state.json, feedback.json, flags.json and metrics.prom into `folder`; return their names."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        "state.json": json.dumps(state_of(store), ensure_ascii=False),
        "feedback.json": json.dumps(demand(f"{gateway}/feedback-v2"), ensure_ascii=False),
        "flags.json": json.dumps(demand(f"{gateway}/admin/flags")),
        "metrics.prom": str(demand(f"{candidate}/metrics")),
    }
    for name, text in kept.items():
        (folder / name).write_text(text, encoding="utf-8")
    return sorted(kept)


def state_of(store: str) -> dict[str, list[dict[str, object]]]:
    """Return every row of every table, by table."""
    engine = open_engine(store)
    try:
        tables = MetaData()
        tables.reflect(engine)
        with engine.connect() as connection:
            return {
                table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in tables.sorted_tables
            }
    finally:
        engine.dispose()


def drain(url: str) -> int:
    """Pause every active workflow of a service; return how many there were."""
    active = demand(f"{url}/api/workflows?status=active")["workflows"]
    for workflow in active:
        demand(f"{url}/api/workflows/{workflow['id']}/pause", "POST")
    return len(active)
