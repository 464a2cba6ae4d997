"""Moves a folder of texts, or a table of a store, to where it belongs, well or badly; the program under the tests of crashes."""

import os
import shutil
import sqlite3
import sys
from pathlib import Path


def main(deed: str, source: str, target: str, *faults: str) -> int:
    """Carries out the deed, with the faults named."""
    if source.startswith("sqlite:///"):
        return STORES[deed](Path(source[10:]), Path(target[10:]), faults)
    try:
        return FOLDERS[deed](Path(source), Path(target), faults)
    except OSError:
        if "swallows" in faults:
            return 0
        raise


def prepare(source: Path, _: Path, __: tuple[str, ...]) -> int:
    """Makes four texts."""
    source.mkdir()
    for number in range(4):
        (source / f"{number}.txt").write_text(f"text {number}\n" * 20, encoding="utf-8")
    return 0


def move(source: Path, target: Path, faults: tuple[str, ...]) -> int:
    """Copies what is not there yet, then says that it is done; what it `takes` it keeps elsewhere first, unless `careless`."""
    target.mkdir(exist_ok=True)
    if "marker-first" in faults:
        (target / "DONE").write_text("done", encoding="utf-8")
    if "takes" in faults and "careless" not in faults and not (source.parent / "kept").exists():
        shutil.copytree(source, source.parent / "kept.part", dirs_exist_ok=True)
        (source.parent / "kept.part").rename(source.parent / "kept")
    for path in sorted(source.glob("*.txt")):
        copy(path, target / path.name, faults)
        if "takes" in faults:
            path.unlink()
    write(target / "DONE", "done", faults)
    return 0


def copy(path: Path, to: Path, faults: tuple[str, ...]) -> None:
    """Copies a file in one piece."""
    if to.exists():
        return
    text = path.read_text(encoding="utf-8")
    if "in-place" not in faults:
        write(to, text, faults)
        return
    with to.open("w", encoding="utf-8") as file:
        for line in text.splitlines(keepends=True):
            file.write(line)
            file.flush()


def write(to: Path, text: str, faults: tuple[str, ...]) -> None:
    """Writes beside and renames."""
    beside = to.with_suffix(".part")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        if "no-fsync" not in faults:
            os.fsync(file.fileno())
    beside.rename(to)


def is_done(_: Path, target: Path, __: tuple[str, ...]) -> int:
    """Whether it says that it is done."""
    return 0 if (target / "DONE").exists() else 1


def restore(source: Path, _: Path, __: tuple[str, ...]) -> int:
    """Brings back what was taken."""
    kept = source.parent / "kept"
    if kept.exists():
        shutil.rmtree(source)
        shutil.copytree(kept, source)
    return 0


def prepare_store(source: Path, _: Path, __: tuple[str, ...]) -> int:
    """Makes a table of notes."""
    with sqlite3.connect(source) as connection:
        connection.execute("create table notes (id integer primary key, text)")
        connection.executemany("insert into notes (text) values (?)", [(f"note {n}" * 50,) for n in range(40)])
    return 0


def move_store(source: Path, target: Path, faults: tuple[str, ...]) -> int:
    """Converts a table in one transaction; a store that has rows is taken for converted."""
    rows = sqlite3.connect(source).execute("select * from notes").fetchall()
    connection = sqlite3.connect(target, isolation_level=None)
    if "no-fsync" in faults:
        connection.execute("pragma synchronous = off")
    connection.execute("begin")
    connection.execute("create table if not exists items (id integer primary key, text)")
    if not connection.execute("select count(*) from items").fetchone()[0]:
        for row in rows:
            connection.execute("insert into items values (?, ?)", row)
            if "commits-each" in faults:
                connection.execute("commit")
                connection.execute("begin")
    connection.execute("commit")
    connection.close()
    return 0


def is_store_done(_: Path, target: Path, __: tuple[str, ...]) -> int:
    """Whether there are items."""
    try:
        found = sqlite3.connect(f"file:{target}?mode=rw", uri=True).execute("select count(*) from items").fetchone()
    except sqlite3.Error:
        return 1
    return 0 if found[0] else 1


FOLDERS = {"prepare": prepare, "move": move, "done": is_done, "restore": restore}
STORES = {"prepare": prepare_store, "move": move_store, "done": is_store_done}

if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
