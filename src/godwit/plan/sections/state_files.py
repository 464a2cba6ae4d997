"""`state.trees`, `documents`, `keyvalue`, `secrets`: state that is no table; says nothing about how it is compared."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.commands import ConfigFormat, Inside
from godwit.plan.sections.words import Command, Duration, Id, Pointer, Section, Text

Aspect = Literal["content", "mode", "owner", "links", "times", "empty"]
"""What of a file tree is compared besides which files there are: `empty` means empty folders."""

Mode = Annotated[str, Field(pattern=r"^0[0-7]{3}$")]
"""Permissions, written `0600`."""

Aspects = Annotated[tuple[Aspect, ...], Field(min_length=1)]


class FileTree(Section):
    """Two folders that must hold the same files: the baseline's, and what became of it.

    `compare` names what of each file must be the same. Patterns (`*`, `**`) are of paths below either folder, and one
    that means a folder means all that is in it. `moved` gives the new path of a file or folder, `modes` the permissions
    that files must have now, whatever they had; `changed` is why a content differs rightly, `ignore` why something is
    not looked at on either side. Every other file keeps its path and what `compare` names.
    """

    id: Id
    sentence: Text
    baseline: Text
    candidate: Text
    compare: Aspects
    moved: dict[Inside, Inside] = Field(default_factory=dict)
    modes: dict[Inside, Mode] = Field(default_factory=dict)
    changed: dict[Inside, Text] = Field(default_factory=dict)
    ignore: dict[Inside, Text] = Field(default_factory=dict)
    times_within_s: Duration = 0.0
    phases: tuple[Id, ...] = ()


class DocumentKey(Section):
    """What becomes of one key of a document (a JSON Pointer; `*` stands for any one step, and a table's key for all in it).

    `to` is its new place (its own if it is not written), `values` translates single values, `type` is the type that it
    has now; `default` is what stands there where the baseline lacks the key, and `constant` what stands there always.
    """

    key: Pointer | None = None
    to: Pointer | None = None
    values: dict[str, Any] = Field(default_factory=dict)
    type: Literal["text", "integer", "number", "boolean"] | None = None
    default: Any = None
    constant: Any = None

    @model_validator(mode="after")
    def _has_a_place(self) -> "DocumentKey":
        if self.key is None and (self.to is None or self.constant is None):
            raise ValueError("write the key of the baseline's document, or a constant and where it stands now (to)")
        return self


class DocumentReason(Section):
    """A key of one document alone, or a table with all in it, and why it is so."""

    key: Pointer
    reason: Text


class DocumentPair(Section):
    """A document (JSON, YAML, TOML, env, ini) and what became of it: every key and every type is accounted for.

    A key that no word speaks of keeps its place, value and type. `dropped` are keys of the baseline that are gone rightly,
    `added` those that only the candidate has. `within` is the part of the candidate's document that is meant; other keys of
    `keys` and `added` then are places in that part. `yaml` 1.1 reads `no`, `off`, `012` and `12:30` as old readers do.
    """

    id: Id
    sentence: Text
    baseline: Text
    candidate: Text
    format: ConfigFormat | None = None
    candidate_format: ConfigFormat | None = None
    yaml: Literal["1.1", "1.2"] = "1.2"
    candidate_yaml: Literal["1.1", "1.2"] = "1.2"
    within: Pointer = ""
    keys: tuple[DocumentKey, ...] = ()
    dropped: tuple[DocumentReason, ...] = ()
    added: tuple[DocumentReason, ...] = ()
    phases: tuple[Id, ...] = ()


class KeySpace(Section):
    """The keys of two key-value stores (`redis://HOST:PORT/DB`) that must be the same: type, value and expiry.

    `match` means keys as Redis' own patterns do; `renamed` gives new beginnings of keys, `ignore` patterns of keys that are
    not looked at and why. Moments of expiry may differ by `ttl_within_s`.
    """

    id: Id
    sentence: Text
    baseline: Text
    candidate: Text
    match: Text = "*"
    ttl_within_s: Duration = 2.0
    renamed: dict[Text, str] = Field(default_factory=dict)
    ignore: dict[Text, Text] = Field(default_factory=dict)
    phases: tuple[Id, ...] = ()


class SecretSource(Section):
    """The file in which secrets lie open on the baseline, and their keys (JSON Pointers, or plain names in env files)."""

    file: Text
    keys: Annotated[tuple[Text, ...], Field(min_length=1)]
    format: ConfigFormat | None = None


class SecretStore(Section):
    """Secrets that moved into an encrypted store: readable with its key, unreadable without, and nowhere in plain.

    `read` prints one secret; `{key}` is its name there (`names` gives those that changed), `{home}` the folder that holds
    the store. `key_files` (patterns below `home`) and `key_env` (names in the environment) are what the store is opened
    with: without them, and with others of the same size, `read` must fail and print no secret. `private` are patterns of
    what in `home` nobody but its owner may read. `nowhere` are patterns of all files (places filled, absolute) in which no
    secret may lie in plain, in base64, hexadecimal or URL spelling, nor in archives among them.
    """

    id: Id
    sentence: Text
    source: SecretSource
    home: Text
    read: Command
    names: dict[Text, Text] = Field(default_factory=dict)
    env: dict[Text, str] = Field(default_factory=dict)
    key_files: tuple[Inside, ...] = ()
    key_env: tuple[Text, ...] = ()
    private: Annotated[tuple[Inside, ...], Field(min_length=1)]
    nowhere: Annotated[tuple[Text, ...], Field(min_length=1)]
    except_for: dict[Text, Text] = Field(default_factory=dict)
    timeout_s: Duration = 60.0
    phases: tuple[Id, ...] = ()


class BackedTree(Section):
    """The folder that a backup is of, and what of its files must be the same once it is restored (words as in `trees`)."""

    of: Text
    compare: Aspects
    moved: dict[Inside, Inside] = Field(default_factory=dict)
    modes: dict[Inside, Mode] = Field(default_factory=dict)
    changed: dict[Inside, Text] = Field(default_factory=dict)
    ignore: dict[Inside, Text] = Field(default_factory=dict)
    times_within_s: Duration = 1.0


class ManifestWords(Section):
    """The words that a manifest has for what it says; `list` holds one entry for each file, the others stand in an entry.

    `bytes: false` is for one that states no sizes. `where` tells entries that are files from others: a word, and the
    values that it has in those.
    """

    id: Text = "id"
    created: Text = "created"
    version: Text = "version"
    list: Text = "files"
    name: Text = "name"
    sha256: Text = "sha256"
    bytes: Text | Literal[False] = "bytes"
    rows: Text = "rows"
    where: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)
