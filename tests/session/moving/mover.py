"""A small conversion of accounts, right or wrong in the one way that MOVER_WRONG names; it knows nothing of godwit."""

import json
import os
import shutil
import sqlite3
import sys
from pathlib import Path

WRONG = os.environ.get("MOVER_WRONG", "")
TARGET = """
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, cents INTEGER NOT NULL, tier VARCHAR(6), remark TEXT);
CREATE TABLE moves (id INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES people(id), cents INTEGER NOT NULL);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT);
"""
SOURCE = """
CREATE TABLE accounts (id BIGINT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, cents INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('plain', 'gold')), note TEXT, UNIQUE (owner, kind));
CREATE TABLE entries (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts(id),
  cents INTEGER NOT NULL CHECK (cents <> 13), sort TEXT NOT NULL);
"""
SORTS = ("in", "out")


class Refused(Exception):
    """The source cannot be converted."""


def path_of(url: str) -> str:
    """The file of a store's URL."""
    return url.removeprefix("sqlite:///")


def read(url: str, table: str) -> list[sqlite3.Row]:
    """All rows of a table, in the order in which they were written."""
    with sqlite3.connect(path_of(url)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()
    connection.close()
    return rows


def move(source: str, target: str) -> None:
    """Replace the target by what the source becomes."""
    if WRONG == "nothing":
        return
    accounts, entries = read(source, "accounts"), read(source, "entries")
    out = sqlite3.connect(path_of(target))
    if not out.execute("SELECT 1 FROM sqlite_master").fetchall():
        out.executescript(TARGET)
    fresh = not out.execute("SELECT 1 FROM people").fetchall()
    if WRONG == "half-result":
        write(out, accounts, [], fresh)
        out.commit()
    unknown = [row["sort"] for row in entries if row["sort"] not in SORTS]
    if unknown and WRONG != "accepts":
        out.close()
        raise Refused("" if WRONG == "wordless" else f"unknown sort {unknown[0]!r}")
    if WRONG == "refuses" and any(row["cents"] < 0 for row in accounts):
        raise Refused("a balance below zero")
    if WRONG == "crashes" and any(not row["owner"] for row in accounts):
        os._exit(3)
    if WRONG != "keeps" or fresh:
        write(out, accounts, entries, fresh)
    out.commit()
    out.close()
    if WRONG == "touches":
        with sqlite3.connect(path_of(source)) as connection:
            connection.execute("UPDATE accounts SET note = 'moved' WHERE note = ''")
        connection.close()


def write(out: sqlite3.Connection, accounts: list[sqlite3.Row], entries: list[sqlite3.Row], fresh: bool) -> None:
    """Write everything anew."""
    if WRONG != "adds":
        out.executescript("DELETE FROM moves; DELETE FROM people; DELETE FROM facts;")
    for row in accounts:
        note = row["note"] or "" if WRONG == "loses-null" else row["note"]
        tier = "platinum" if WRONG == "too-long" and row["kind"] == "gold" else row["kind"]
        out.execute(
            "INSERT OR REPLACE INTO people VALUES (?,?,?,?,?)", (row["id"], row["owner"], row["cents"], tier, note)
        )
    first = accounts[0]["owner"] if accounts and WRONG == "order" else ""
    names = {row["owner"] for row in accounts} if WRONG == "hashes" else set()
    names |= {os.environ.get("TZ", "")} if WRONG == "zones" else set()
    out.execute("INSERT OR REPLACE INTO facts VALUES ('first', ?)", (first,))
    out.execute("INSERT OR REPLACE INTO facts VALUES ('names', ?)", (json.dumps(list(names)),))
    for row in entries:
        ident = row["id"] if fresh or WRONG != "adds" else None
        sign = -1 if row["sort"] == "out" else 1
        out.execute("INSERT OR REPLACE INTO moves VALUES (?,?,?)", (ident, row["account_id"], sign * row["cents"]))


def back(source: str, target: str) -> None:
    """Make the old accounts of the new ones; the sort of an entry of nothing is gone."""
    out = sqlite3.connect(path_of(target))
    out.executescript(SOURCE)
    for row in read(source, "people"):
        note = None if WRONG == "back-forgets" else row["remark"]
        out.execute(
            "INSERT INTO accounts VALUES (?,?,?,?,?)", (row["id"], row["name"], row["cents"], row["tier"], note)
        )
    for row in read(source, "moves"):
        out.execute("INSERT INTO entries VALUES (?,?,?,'in')", (row["id"], row["person"], row["cents"]))
    out.commit()
    out.close()


def move_tree(source: str, target: str) -> None:
    """Copy a folder of notes; each must be JSON with a title."""
    kept = {}
    for path in sorted(Path(source).rglob("*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(body.get("title"), str):
            raise Refused(f"{path.name} has no title")
        kept[path] = body
    for path in kept:
        new = Path(target) / path.relative_to(source)
        new.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, new)
        if WRONG != "opens":
            shutil.copymode(path, new)
    Path(target).mkdir(exist_ok=True)


if __name__ == "__main__" and sys.argv[1:2] == ["worker"]:
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            move(asked["source"], asked["target"])
            reply = {"exit": 0, "said": ""}
        except Refused as error:
            reply = {"exit": 1, "said": str(error)}
        print(json.dumps(reply), flush=True)
elif __name__ == "__main__":
    try:
        {"move": move, "back": back, "tree": move_tree}[sys.argv[1]](*sys.argv[2:])
    except (Refused, ValueError) as error:
        sys.exit(f"mover: {error}")
