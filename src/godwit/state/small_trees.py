"""Draws, makes and reads small folders of files, as rows of one table `files`; it judges none of them."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from godwit.plan import GeneratedFile, GeneratedStates, Hint
from godwit.state.drawn_values import others_of, values_of
from godwit.state.generating import DrawnState
from godwit.verdict import ColumnShape, TableShape

FILES = "files"
_NAMES = "abcxyz019-_"


class SmallTrees:
    """Folders of the files that a plan's `files` describe."""

    shapes: tuple[TableShape, ...] = ()
    kept: Mapping[str, list[dict[str, Any]]] = {}

    def place(self, path: Path) -> str:
        """How a tool is told of a folder."""
        return str(path)

    def make(self, state: Mapping[str, Sequence[Mapping[str, Any]]], path: Path) -> None:
        """A new folder with these files, made in their order."""
        path.mkdir(parents=True)
        for row in state[FILES]:
            file = path / row["path"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(row["content"])
            file.chmod(int(row["mode"], 8))

    def read(self, path: Path) -> dict[str, list[dict[str, Any]]]:
        """One row for everything below the folder, by its path; nothing where there is none."""
        return {FILES: [_row(path, each) for each in sorted(path.rglob("*"))]} if path.is_dir() else {}

    def shapes_of(self, _: Path) -> tuple[TableShape, ...]:
        """A folder says nothing of what it may hold."""
        return ()

    def remove(self, path: Path) -> None:
        """Delete a folder with everything in it."""
        shutil.rmtree(path, ignore_errors=True)


def _row(top: Path, path: Path) -> dict[str, Any]:
    kind = "link" if path.is_symlink() else "folder" if path.is_dir() else "file" if path.is_file() else "other"
    content = path.read_bytes() if kind == "file" else str(path.readlink()).encode() if kind == "link" else b""
    return {
        "path": path.relative_to(top).as_posix(),
        "kind": kind,
        "mode": f"{path.lstat().st_mode & 0o777:04o}",
        "content": content,
    }


def tree_states(wanted: GeneratedStates, at_least: str = "") -> Any:
    """A strategy for the files of a folder; `at_least` names a kind of file of which there is one."""
    from hypothesis import strategies as st

    kinds = [_files(kind, must=kind.name == at_least) for kind in wanted.files]
    return st.tuples(*kinds).map(lambda drawn: {FILES: _apart([row for rows in drawn for row in rows])})


def spoiled_trees(wanted: GeneratedStates, kind: GeneratedFile) -> Any:
    """A strategy for a folder, and the same with one file of the kind spoiled by a text of its `spoiled` or a refused value."""
    from hypothesis import strategies as st

    both = st.tuples(tree_states(wanted, at_least=kind.name), _bad_content(kind))

    def spoil(drawn: tuple[DrawnState, bytes]) -> Any:
        state, content = drawn
        at = next((place for place, row in enumerate(state[FILES]) if row["of"] == kind.name), None)
        if at is None:
            return None
        rows = [{**row, "content": content} if place == at else row for place, row in enumerate(state[FILES])]
        return state, {FILES: rows}

    return both.map(spoil)


def refused_files(wanted: GeneratedStates) -> list[GeneratedFile]:
    """The kinds of files that the plan knows how to spoil."""
    return [kind for kind in wanted.files if kind.spoiled or _refused_keys(kind)]


def _refused_keys(kind: GeneratedFile) -> dict[str, Hint]:
    return {name: hint for name, hint in kind.keys.items() if isinstance(hint, Hint) and hint.others == "refused"}


def _files(kind: GeneratedFile, *, must: bool) -> Any:
    from hypothesis import strategies as st

    stars = kind.name.count("*")
    words = st.tuples(*[st.text(st.sampled_from(_NAMES), min_size=1, max_size=6) for _ in range(stars)])
    row = st.fixed_dictionaries(
        {
            "path": words.map(lambda drawn: _filled(kind.name, drawn)),
            "content": _content(kind),
            "mode": st.sampled_from(kind.modes),
            "of": st.just(kind.name),
        }
    )
    least = max(kind.at_least, int(must))
    return st.lists(row, min_size=least, max_size=max(least, kind.at_most if stars else 1))


def _filled(name: str, words: Sequence[str]) -> str:
    for word in words:
        name = name.replace("*", word, 1)
    return name


def _apart(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The files whose path no earlier one has."""
    return list({row["path"]: row for row in reversed(rows)}.values())[::-1]


def _content(kind: GeneratedFile) -> Any:
    from hypothesis import strategies as st

    if kind.format in ("text", "bytes"):
        drawn = values_of(ColumnShape("content", kind.format), Hint())
        return drawn.map(lambda value: value if isinstance(value, bytes) else value.encode())
    values = {name: _value(name, hint) for name, hint in kind.keys.items()}
    return st.fixed_dictionaries(values).map(lambda drawn: _written(kind, drawn))


def _value(name: str, hint: tuple[Any, ...] | Hint) -> Any:
    found = hint if isinstance(hint, Hint) else Hint(values=hint)
    return values_of(ColumnShape(name, "text"), found)


def _bad_content(kind: GeneratedFile) -> Any:
    from hypothesis import strategies as st

    ways = [st.sampled_from([text.encode() for text in kind.spoiled])] if kind.spoiled else []
    for name, hint in _refused_keys(kind).items():
        values = {other: _value(other, its) for other, its in kind.keys.items()}
        values[name] = others_of(ColumnShape(name, "text"), hint, frozenset())
        ways.append(st.fixed_dictionaries(values).map(lambda drawn: _written(kind, drawn)))
    return st.one_of(*ways)


def _written(kind: GeneratedFile, values: Mapping[str, Any]) -> bytes:
    if kind.format == "json":
        return (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode()
    return "".join(f"{name}={_line(value)}\n" for name, value in values.items()).encode()


def _line(value: Any) -> str:
    """A value for an environment file: quoted as a JSON text, which its readers take, where it is more than a word."""
    text = str(value)
    return text if text.isalnum() else json.dumps(text, ensure_ascii=False)
