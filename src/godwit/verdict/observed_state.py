"""What was seen of state that is no table, before anyone judges it: files of a tree, keys of a key-value store; values only."""

from dataclasses import dataclass

from godwit.verdict.observed import Ended


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One thing in a file tree, itself and not what it leads to. `kind` is file, folder, link or special.

    `mode` are the permission bits, `owner` is `user:group`, `target` what a link says. `twin` is the first path in the
    tree with the same inode, if it is another one. `trouble` says why the content could not be read.
    """

    kind: str
    mode: int = 0o644
    owner: str = ""
    mtime_ns: int = 0
    size: int = 0
    sha256: str = ""
    target: str = ""
    twin: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One key of a key-value store: its type, a digest of its whole value, the value shortened, how many items it has.

    `expires_ms` is the moment of its expiry (Unix time by the clock of its store), None if it stays.
    """

    type: str
    digest: str
    shown: str
    items: int
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True)
class PlainSecret:
    """A place where a secret can be read by anybody: the file (with what it was packed in), the secret's name, its spelling."""

    path: str
    key: str
    spelling: str


@dataclass(frozen=True, slots=True)
class Opening:
    """One try to read a secret: its name, what was done to the key of the store, and how the command ended.

    `same` is whether it printed exactly the secret, `spilled` whether the secret stands anywhere in what it wrote.
    """

    key: str
    how: str
    ended: Ended
    same: bool
    spilled: bool
