"""V3's tables and indexes, and which of two columns holds what an agent can do, in each step of their change."""

from dataclasses import dataclass

from plumbing.server import fail


@dataclass(frozen=True, slots=True)
class Phase:
    """A step of the change of agents.specialization into agents.skill: what is written, and what is read."""

    written: tuple[str, ...]
    read: str


PHASES = {
    "1": Phase(("specialization",), "specialization"),
    "2": Phase(("specialization", "skill"), "COALESCE(skill, specialization)"),
    "3": Phase(("skill",), "skill"),
}

TABLES = """
CREATE TABLE IF NOT EXISTS agents (
  id {id_text} PRIMARY KEY, team {id_text} NOT NULL, capacity INTEGER NOT NULL, {skills},
  status TEXT NOT NULL DEFAULT 'idle', claims INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 1,
  seen_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS work (
  id {id_text} PRIMARY KEY, type TEXT NOT NULL, description TEXT NOT NULL, team {id_text} NOT NULL,
  priority INTEGER NOT NULL, status TEXT NOT NULL, agent_id {id_text}, percent INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS events (
  seq {sequence}, at TEXT NOT NULL, kind TEXT NOT NULL, agent_id TEXT, work_id TEXT, detail TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (prompt_hash TEXT PRIMARY KEY, answer TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS work_open ON work (team, status, priority, id);
CREATE INDEX IF NOT EXISTS work_status ON work (status, id);
CREATE INDEX IF NOT EXISTS work_agent ON work (agent_id);
CREATE INDEX IF NOT EXISTS agents_team ON agents (team);
"""


def phase_of(word: str) -> Phase:
    """The phase that V3_SCHEMA names; one line and the end for any other word."""
    if word not in PHASES:
        fail(f"V3_SCHEMA={word}: {', '.join(PHASES)} are known", code=2)
    return PHASES[word]


def statements(phase: Phase, *, is_postgresql: bool) -> list[str]:
    """What makes the tables of a phase where they are not there yet."""
    words = {"id_text": "TEXT", "sequence": "INTEGER PRIMARY KEY AUTOINCREMENT"}
    if is_postgresql:
        # Ids are compared by code point on every store, whatever the database's own language is.
        words = {"id_text": 'TEXT COLLATE "C"', "sequence": "BIGSERIAL PRIMARY KEY"}
    skills = ", ".join(f"{name} TEXT" for name in phase.written)
    return [one for one in TABLES.format(skills=skills, **words).split(";") if one.strip()]
