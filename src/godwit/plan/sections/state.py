"""`state`: stores, seed data, backup and restore, the conversion and its mappings."""

from typing import Literal

from pydantic import Field

from godwit.plan.sections.state_comparisons import Comparison
from godwit.plan.sections.state_crashes import Crash
from godwit.plan.sections.state_files import BackedTree, DocumentPair, FileTree, KeySpace, ManifestWords, SecretStore
from godwit.plan.sections.state_generated import GeneratedStates, Lossy
from godwit.plan.sections.state_invariants import Invariant
from godwit.plan.sections.state_mappings import LeftBehind, Mapping
from godwit.plan.sections.state_schemas import SchemaCheck
from godwit.plan.sections.state_writes import History, Live, Mixed, WriteLedger
from godwit.plan.sections.words import Command, Duration, Id, Section, Text


class Seed(Section):
    """Makes the baseline's data from a seed; `floor` is the smallest number of rows it must have made in each table."""

    run: Command
    floor: dict[Text, int] = Field(default_factory=dict)
    timeout_s: Duration = 120.0


class Backup(Section):
    """Writes a backup directory with a manifest of SHA-256 sums, and brings one back.

    With `tree` it is the backup of a folder, not of a store: `{source}` is that folder and `{target}` where it is restored.
    `verify` says by its exit code whether `{backup}` is whole; it is put to copies that are damaged in every way. With
    `damage`, `restore` has to refuse these too. Of each kind `damaged_at_most` files are damaged, one of each folder first.
    `besides` are files of a backup that its manifest need not name, and `encrypted` those that must hold nothing of the
    originals in plain.
    """

    id: Id
    run: Command
    restore: Command
    directory: Text
    manifest: str = "manifest.json"
    required: tuple[Text, ...] = ()
    schedule: Literal["daily", "once"] = "once"
    tree: BackedTree | None = None
    verify: Command | None = None
    damage: bool = False
    damaged_at_most: int = Field(default=8, ge=1)
    words: ManifestWords = ManifestWords()
    besides: tuple[Text, ...] = ()
    encrypted: tuple[Text, ...] = ()
    timeout_s: Duration = 60.0


class Conversion(Section):
    """Makes the candidate's state from the baseline's.

    `run` converts; `copy_run` is used when the candidate's role is played by the baseline itself, whose state needs no
    conversion. `{source}` and `{target}` in a command are the URLs of the two stores; with `kind: tree` both are folders.
    `reverse` converts back, and loses what `lossy` names and nothing else. `generated` has small states
    made for the suite state-conversion.
    """

    run: Command
    copy_run: Command
    kind: Literal["store", "tree"] = "store"
    reverse: Command | None = None
    lossy: tuple[Lossy, ...] = ()
    generated: GeneratedStates | None = None
    document: Command | None = None
    timeout_s: Duration = 120.0


class BadState(Section):
    """A source that the conversion must refuse: SQL that spoils a copy of the baseline store, and what it must say."""

    id: Id
    sentence: Text
    sql: Text
    says: Text


class State(Section):
    """State integrity. `parallel` says which state the candidate uses while both sides serve.

    `unmapped` lists what of the baseline is left behind. `sequences` are columns (`table.column`, or `all`) whose next
    number must be past every number in use.
    """

    parallel: Literal["dual-write", "shared", "separate"]
    seed: Seed | None = None
    backups: tuple[Backup, ...] = ()
    conversion: Conversion | None = None
    lookups: dict[Id, dict[str, str]] = Field(default_factory=dict)
    mappings: tuple[Mapping, ...] = ()
    unmapped: tuple[LeftBehind, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    schemas: tuple[SchemaCheck, ...] = ()
    sequences: Literal["all"] | tuple[Text, ...] = ()
    bad_states: tuple[BadState, ...] = ()
    crashes: tuple[Crash, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    ledger: WriteLedger | None = None
    trees: tuple[FileTree, ...] = ()
    documents: tuple[DocumentPair, ...] = ()
    keyvalue: tuple[KeySpace, ...] = ()
    secrets: tuple[SecretStore, ...] = ()
    histories: tuple[History, ...] = ()
    live: tuple[Live, ...] = ()
    mixed: tuple[Mixed, ...] = ()
