"""The text of a plan as plain values that remember their lines; it refuses what YAML 1.2 or a plan cannot hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from godwit.verdict import PlanError

Key = str | int
Where = tuple[Key, ...]
"""A place in the plan: words and list indexes."""

_MOST_NODES = 200_000
_DEEPEST = 60
_PREFIX = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A line and a column of the file, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong place: where, and a sentence that says what is wrong, what is allowed and what to do next."""

    mark: Mark
    where: Where
    message: str


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed file: its values, the marks of values and of keys, and the places where nothing (null) is written."""

    name: str
    lines: tuple[str, ...]
    data: Any = None
    values: dict[Where, Mark] = field(default_factory=dict)
    keys: dict[Where, Mark] = field(default_factory=dict)
    nothings: list[Where] = field(default_factory=list)

    def mark(self, where: Where) -> Mark:
        """The place of a value, or of the nearest value around it."""
        while where and where not in self.values:
            where = where[:-1]
        return self.values.get(where, Mark(1, 1))

    def key_mark(self, where: Where) -> Mark:
        """The place of a key, or of the value around it."""
        return self.keys.get(where) or self.mark(where)

    def refusal(self, faults: Iterable[Fault]) -> PlanError:
        """One error that shows every fault in the order of the file, each once."""
        shown = dict.fromkeys(self._shown(fault) for fault in sorted(faults, key=lambda each: each.mark))
        return PlanError("\n".join(shown))

    def _shown(self, fault: Fault) -> str:
        place = f"{self.name}:{fault.mark.line}:{fault.mark.column}: "
        where = f"{dotted(fault.where)}: " if fault.where else ""
        return f"{place}{where}{fault.message}{self._caret(fault.mark)}"

    def _caret(self, mark: Mark) -> str:
        line = self.lines[mark.line - 1].replace("\t", " ").rstrip() if mark.line <= len(self.lines) else ""
        if not line.strip():
            return ""
        start = max(0, mark.column - 60)
        gutter = f"{mark.line:>6} | "
        return f"\n{gutter}{line[start : start + 100].rstrip()}\n{' ' * (len(gutter) + mark.column - 1 - start)}^"


def dotted(where: Where) -> str:
    """`phases[1].exit` for `("phases", 1, "exit")`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in where)
    return text.removeprefix(".")


def read_source(path: Path) -> tuple[Source, list[Fault]]:
    """Reads a plan's file into plain values.

    Gives the source and the faults of its form: duplicate keys, keys that are not text, values that a plan cannot hold.
    Raises PlanError when there is nothing to go on with: no file, a directory, not UTF-8, not YAML, not a mapping.
    """
    text = _text(path)
    empty = Source(str(path), tuple(text.splitlines()))
    if text.startswith("%"):
        raise empty.refusal([Fault(Mark(1, 1), (), "a plan is YAML 1.2 without directives; delete this line")])
    node = _composed(text, empty)
    if node is None:
        raise PlanError(f"{path}: the file is empty; docs/reference/plan.md says what it holds")
    if not isinstance(node, MappingNode):
        raise empty.refusal([Fault(_mark(node), (), "the file is not a mapping of words to values")])
    reader = _Reader(empty)
    data = reader.value(node, ())
    return replace(empty, data=data), reader.faults


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise PlanError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise PlanError(f"{path}: is a directory; name the plan in it, such as {path / 'plan.yaml'}") from None
    except UnicodeDecodeError as trouble:
        raise PlanError(f"{path}: not UTF-8 at byte {trouble.start + 1}; save the plan as UTF-8") from None
    except (OSError, ValueError) as trouble:
        raise PlanError(f"{path}: cannot be read: {getattr(trouble, 'strerror', None) or trouble}") from None


def _composed(text: str, source: Source) -> Node | None:
    try:
        node: Node | None = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as trouble:
        mark = trouble.problem_mark or trouble.context_mark
        place = Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)
        said = ", ".join(part for part in (trouble.context, trouble.problem) if part)
        raise source.refusal([Fault(place, (), f"not YAML: {said}")]) from None
    except YAMLError as trouble:
        raise PlanError(f"{source.name}: not YAML: {str(trouble).splitlines()[0]}") from None
    except RecursionError:
        raise PlanError(f"{source.name}: nested too deeply; a plan is at most {_DEEPEST} levels deep") from None
    except Exception as trouble:  # noqa: BLE001 - the parser's own slips on broken text are a fault of the text
        raise PlanError(f"{source.name}: not YAML: {trouble}") from None
    return node


def _mark(node: Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


class _Reader:
    """Turns nodes into values, fills the source's marks, and gathers faults of form."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults: list[Fault] = []
        self._open: list[Node] = []
        self._seen = 0

    def value(self, node: Node, where: Where) -> Any:
        self.source.values[where] = _mark(node)
        self._seen += 1
        if self._seen > _MOST_NODES or len(where) > _DEEPEST:
            raise self.source.refusal(
                [Fault(_mark(node), where[:_DEEPEST], "the plan is too large or too deep from here on")]
            )
        if any(node is each for each in self._open):
            return self._refuse(node, where, "an alias may not stand inside the value that it names")
        self._open.append(node)
        try:
            return self._opened(node, where)
        finally:
            self._open.pop()

    def _opened(self, node: Node, where: Where) -> Any:
        if isinstance(node, MappingNode):
            return self._mapping(node, where)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*where, place)) for place, item in enumerate(node.value)]
        return self._scalar(node, where)

    def _mapping(self, node: MappingNode, where: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, where)
            if key is None:
                continue
            if key in found:
                first = self.source.keys[(*where, key)].line
                self._refuse(key_node, (*where, key), f"'{key}' is here twice, first in line {first}; keep one")
                continue
            self.source.keys[(*where, key)] = _mark(key_node)
            found[key] = self.value(value_node, (*where, key))
            if found[key] is None:  # an empty value has the place of whatever follows it
                self.source.values[(*where, key)] = _mark(key_node)
        return found

    def _key(self, node: Node, where: Where) -> str | None:
        if node.tag == f"{_PREFIX}merge":
            self._refuse(
                node, where, "'<<' is no word of YAML 1.2; write the words out, or use an alias for a whole value"
            )
        elif not isinstance(node, ScalarNode):
            self._refuse(node, where, "a key is one word, not a list or a mapping")
        elif node.tag == f"{_PREFIX}str" and _is_encodable(node.value):
            return str(node.value)
        else:
            self._refuse(node, where, f"the key {_short(node.value)} is not text; write it in quotes")
        return None

    def _scalar(self, node: Node, where: Where) -> Any:
        text = str(node.value)
        kind = str(node.tag).removeprefix(_PREFIX)
        if kind in ("str", "timestamp"):  # dates are read by the field that asks for one
            return (
                text
                if _is_encodable(text)
                else self._refuse(node, where, "this text holds half a character (a surrogate)")
            )
        if kind == "null":
            return self.source.nothings.append(where)
        if kind == "bool":
            return text.lower() == "true"
        if kind in ("int", "float"):
            return self._number(node, where, kind)
        return self._refuse(node, where, f"the tag {node.tag} has no meaning in a plan; delete it")

    def _number(self, node: Node, where: Where, kind: str) -> Any:
        text = str(node.value).replace("_", "")
        try:
            if kind == "int":
                return int(text, 0 if text.lstrip("+-")[:2].lower() in ("0x", "0o", "0b") else 10)
            number = float(text)
        except ValueError:
            number = float("nan")
        if isfinite(number):
            return number
        return self._refuse(node, where, f"{_short(text)} is not a number that can be compared; write a finite one")

    def _refuse(self, node: Node, where: Where, message: str) -> None:
        self.faults.append(Fault(_mark(node), where, message))


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _short(text: object) -> str:
    shown = str(text)
    return repr(shown if len(shown) <= 40 else shown[:37] + "...")
