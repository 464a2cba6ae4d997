"""Opens tables of stores and files as Ibis tables, each in the engine that can read it; never creates what is not there."""

import glob
import importlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb
import ibis

from godwit.plan import RowSource
from godwit.state.copies import clone
from godwit.verdict import HarnessError

EngineName = Literal["duckdb", "postgresql", "spark"]
_READERS = {
    ".parquet": "read_parquet({file})",
    # Texts, because what a reader takes for numbers or dates on one side it may take for texts on the other.
    ".csv": "read_csv({file}, all_varchar = true, header = true)",
    ".jsonl": "read_json({file}, format = 'newline_delimited', sample_size = -1, dateformat = 'no %Y', timestampformat = 'no %Y')",
}
_FORMS = "sqlite:///FILE, postgresql+psycopg://..., duckdb:///FILE, or a .parquet, .csv, .jsonl or .arrow file"
_ATTACHED = {"sqlite": "sqlite_scanner", "postgresql": "postgres_scanner", "duckdb": ""}
_PASSWORD = re.compile(r"(://[^:/@\s]*):\S+@")


@dataclass(frozen=True, slots=True)
class Opened:
    """The rows of one side, in the engine that reads them; `files` must not change meanwhile."""

    engine: EngineName
    backend: Any
    table: Any
    files: tuple[Path, ...] = ()

    def stamps(self) -> tuple[tuple[str, int, int], ...]:
        """What tells whether the files were written to."""
        found = [(path, path.stat()) for path in self.files]
        return tuple((str(path), stat.st_size, stat.st_mtime_ns) for path, stat in found)


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows lie: the kind of store or file, and its path or URL."""

    kind: str
    at: str

    @property
    def shown(self) -> str:
        """The place without a password."""
        return without_passwords(self.at)


def rows_of(backend: Any, expression: Any) -> list[dict[str, Any]]:
    """The rows of an Ibis expression, held in memory; DuckDB is asked itself, since `to_pyarrow` brings pandas and its 60 MB."""
    duckdb_s = backend.name == "duckdb"
    found = (
        backend.raw_sql(backend.compile(expression)).to_arrow_table() if duckdb_s else backend.to_pyarrow(expression)
    )
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


class Bench:
    """The embedded engine: reads files and attached databases in one transaction, and keeps what it finds on its own."""

    def __init__(self, memory: str, work: Path) -> None:
        work.mkdir(parents=True, exist_ok=True)
        self.backend = ibis.duckdb.connect()
        self._work = work
        self._copied = self._opened = 0
        self._aliases: dict[Place, str] = {}
        for setting in (
            f"memory_limit = '{memory}'",
            f"temp_directory = {_quoted(work)}",
            "preserve_insertion_order = false",
            "TimeZone = 'UTC'",
            "autoinstall_known_extensions = false",
        ):
            self.run(f"SET {setting}")

    def run(self, sql: str) -> Any:
        """Carry out a statement of the embedded engine."""
        return self.backend.raw_sql(sql)

    def keep(self, name: str, table: Any) -> Any:
        """Keep an Ibis table of this engine, or Arrow batches, as a table of a name; gives it as Ibis table."""
        if isinstance(table, ibis.Table):
            self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS {self.backend.compile(table)}")
        else:
            self.backend.con.register("godwit_batches", table)
            self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM godwit_batches")
            self.backend.con.unregister("godwit_batches")
        return self.backend.table(name)

    def attach(self, places: list[Place]) -> None:
        """Attach databases, before the transaction in which they are read begins."""
        for place in places:
            if place.kind in _ATTACHED and place not in self._aliases:
                self._attach(place, f"side_{len(self._aliases)}")
        self.run("BEGIN")

    def again(self) -> None:
        """End the transaction and begin another: what was written meanwhile is seen from now on."""
        self.run("COMMIT")
        for place, alias in self._aliases.items():
            if place.kind == "sqlite":
                self.run(f"DETACH {alias}")
                self._attach(place, alias)
        self.run("BEGIN")

    def open(self, place: Place, source: RowSource) -> Opened:
        """The rows of a source that this engine reads itself."""
        if place.kind in _ATTACHED:
            return Opened("duckdb", self.backend, self._of_database(self._aliases[place], place, source))
        if source.query:
            raise HarnessError(f"{place.at}: a query needs a database; a file is compared as it is")
        files = _files(place)
        self._opened += 1
        if place.kind == ".arrow":
            import pyarrow.dataset  # brings pandas

            read = f"arrow_{self._opened}"
            dataset = pyarrow.dataset.dataset([str(file) for file in files], format="ipc")
            self.backend.con.register(read, dataset)
        else:
            read = _READERS[place.kind].format(file=f"[{', '.join(map(_quoted, files))}]")
        view = f"rows_{self._opened}"
        self.run(f"CREATE TEMP VIEW {view} AS FROM {read}")
        return Opened("duckdb", self.backend, self.backend.table(view), files)

    def close(self) -> None:
        """Let go of everything that was attached."""
        self.backend.disconnect()
        for number in range(1, self._copied + 1):
            (self._work / f"moment-{number}.db").unlink(missing_ok=True)

    def _attach(self, place: Place, alias: str) -> None:
        extension = _ATTACHED[place.kind]
        if extension:
            self.run(f"LOAD {_quoted(_extension(extension))}")
        if place.kind != "postgresql" and not Path(place.at).is_file():
            raise HarnessError(f"{place.at}: there is no such file")
        kind = {"sqlite": "TYPE sqlite, ", "postgresql": "TYPE postgres, ", "duckdb": ""}[place.kind]
        self.run(
            f"ATTACH {_quoted(self._copy(place) if place.kind == 'sqlite' else place.at)} AS {alias} ({kind}READ_ONLY)"
        )
        self._aliases[place] = alias

    def _copy(self, place: Place) -> Path:
        """The file as it is at this moment: a transaction of this engine does not cover what it reads from SQLite."""
        self._copied += 1
        copy = self._work / f"moment-{self._copied}.db"
        copy.unlink(missing_ok=True)
        clone(f"sqlite:///{place.at}", f"sqlite:///{copy}")
        return copy

    def _of_database(self, alias: str, place: Place, source: RowSource) -> Any:
        if source.query:
            return self._queried(alias, place, source.query)
        return table_of(self.backend, place, source, alias)

    def _queried(self, alias: str, place: Place, query: str) -> Any:
        name = f"queried_{alias}_{abs(hash(query))}"
        if place.kind == "duckdb":
            self.run(f"USE {alias}")
            self.run(f"CREATE TEMP TABLE {name} AS {query}")
            self.run("USE memory")
        else:
            function = {"sqlite": "sqlite_query", "postgresql": "postgres_query"}[place.kind]
            self.run(f"CREATE TEMP VIEW {name} AS FROM {function}({_quoted(alias)}, {_quoted(query)})")
        return self.backend.table(name)


def table_of(backend: Any, place: Place, source: RowSource, *catalog: str) -> Any:
    """The table of a database that a source names; HarnessError says which there are."""
    if not source.table:
        raise HarnessError(f"{place.shown}: say which table of it, or write a query")
    schema, _, name = source.table.rpartition(".")
    database = (*catalog, schema or ("public" if place.kind == "postgresql" else "main"))
    known = backend.list_tables(database=database)
    if name not in known:
        raise HarnessError(f"{place.shown}: no table {source.table}; there are {', '.join(known) or 'none'}")
    return backend.table(name, database=database)


def without_passwords(text: str) -> str:
    """A text without the passwords of the URLs in it."""
    return _PASSWORD.sub(r"\1:***@", text)


def place_of(store: str) -> Place:
    """What kind of place a URL or path is; HarnessError names the forms there are."""
    scheme, _, rest = store.partition("://")
    kind = scheme.partition("+")[0]
    if rest and kind in ("postgresql", "postgres"):
        return Place("postgresql", f"postgresql://{rest}")
    if rest and kind in ("sqlite", "duckdb"):
        return Place(kind, rest.removeprefix("/"))
    suffix = Path(store).suffix
    if suffix in (".duckdb", ".ddb"):
        return Place("duckdb", store)
    kind = {".ndjson": ".jsonl", ".feather": ".arrow"}.get(suffix, suffix)
    if not rest and (kind in _READERS or kind == ".arrow"):
        return Place(kind, store)
    raise HarnessError(f"{without_passwords(store)}: rows are read from {_FORMS}")


def _files(place: Place) -> tuple[Path, ...]:
    named = map(Path, glob.glob(place.at))  # noqa: PTH207 - the pattern may be absolute
    found = sorted(path for path in named if path.is_file())
    if not found:
        raise HarnessError(f"{place.at}: there is no such file")
    return tuple(found)


def _extension(name: str) -> Path:
    """The file of an extension, as its package holds it: nothing is fetched from anywhere."""
    package = f"duckdb_extension_{name}"
    try:
        folder = Path(str(importlib.import_module(package).__file__)).parent
    except ImportError:
        raise HarnessError(f"{package} is not installed; pip install 'pytest-godwit[rows]'") from None
    found = list(folder.glob(f"extensions/v{duckdb.__version__}/*.duckdb_extension"))
    if not found:
        raise HarnessError(f"{package} does not fit DuckDB {duckdb.__version__}; pip install 'pytest-godwit[rows]'")
    return found[0]


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
