"""Constraints on flags: a small language that is parsed, never run; it refuses all but names, values and comparisons."""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from godwit.plan.suggestions import advice

Given = Mapping[str, Any]
Truth = bool | None
"""True, False, or None: the flags that are given do not decide it."""
_Rule = Callable[[Given], Truth]

_LONGEST = 1000
_WORDS = {"true": True, "false": False, "True": True, "False": False}
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
_NUMBERS = ("percent", "number")
_UNSET = object()
_KNOWN = "write flags, values, ==, !=, <, <=, >, >=, in, not in, and, or, not and brackets"


class ConstraintError(ValueError):
    """A constraint that cannot be read; the text says at which column, what is wrong and what is allowed."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A condition that every assignment of flags must meet; equal if its text is."""

    text: str
    names: frozenset[str] = field(compare=False)
    _rule: _Rule = field(compare=False, repr=False)

    def decide(self, given: Given) -> Truth:
        """Whether the given flags meet it: True or False whatever the other flags are, else None."""
        return self._rule(given)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a constraint has to know of a flag."""

    type: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Term:
    """One side of a comparison: a flag, or a value that is written down."""

    node: ast.expr
    name: str = ""
    value: Any = _UNSET

    def of(self, given: Given) -> Any:
        return _frozen(given.get(self.name, _UNSET)) if self.name else self.value


def read_constraint(text: str, flags: Mapping[str, Declared]) -> Constraint:
    """A constraint over flags, such as `not (fast and share > 50)` or `model in ['small', 'large']`.

    A flag that stands alone means: on, more than zero, not empty. Raises ConstraintError.
    """
    line = " ".join(text.splitlines())
    if len(line) > _LONGEST:
        raise ConstraintError(f"longer than {_LONGEST} characters; write several constraints, each must hold")
    try:
        tree = ast.parse(line.strip(), mode="eval")
        reader = _Reader(line.strip(), flags)
        rule = reader.rule(tree.body)
    except SyntaxError as trouble:
        place = f"column {trouble.offset}: " if trouble.offset else ""
        raise ConstraintError(f"{place}not an expression ({trouble.msg}); {_KNOWN}") from None
    except (ValueError, MemoryError, RecursionError) as trouble:
        if isinstance(trouble, ConstraintError):
            raise
        raise ConstraintError(f"not an expression; {_KNOWN}") from None
    if not reader.names:
        raise ConstraintError(f"column 1: it names no flag{advice('', flags)}")
    return Constraint(text, frozenset(reader.names), rule)


class _Reader:
    """Turns a syntax tree into a rule, and notes the flags that it names."""

    def __init__(self, text: str, flags: Mapping[str, Declared]) -> None:
        self._text = text
        self._flags = flags
        self.names: set[str] = set()

    def rule(self, node: ast.expr) -> _Rule:
        if isinstance(node, ast.BoolOp):
            parts = [self.rule(part) for part in node.values]
            decides = isinstance(node.op, ast.Or)
            return lambda given: _joined([part(given) for part in parts], decides)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.rule(node.operand)
            return lambda given: None if (truth := inner(given)) is None else not truth
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        alone = self._term(node)
        if not alone.name:
            raise self._wrong(node, "a value alone is no condition; compare a flag with it")
        return lambda given: None if (value := alone.of(given)) is _UNSET else bool(value)

    def _comparison(self, node: ast.Compare) -> _Rule:
        terms = [node.left, *node.comparators]
        links = [self._link(*each) for each in zip(terms, node.ops, terms[1:], strict=False)]
        return lambda given: _joined([link(given) for link in links], False)

    def _link(self, left: ast.expr, word: ast.cmpop, right: ast.expr) -> _Rule:
        one, other = self._term(left), self._term(right)
        if isinstance(word, ast.In | ast.NotIn):
            return self._membership(one, other, isinstance(word, ast.In))
        if isinstance(word, ast.Eq | ast.NotEq):
            self._must_fit(one, other)
            self._must_fit(other, one)
            wanted = isinstance(word, ast.Eq)
            return _decided(one, other, lambda a, b: _same(a, b) is wanted)
        if type(word) not in _ORDER:
            raise self._wrong(left, f"'is' compares nothing here; {_KNOWN}")
        for term in (one, other):
            self._must_be_number(term)
        return _decided(one, other, _ORDER[type(word)])

    def _membership(self, one: _Term, other: _Term, wanted: bool) -> _Rule:
        if other.name and self._flags[other.name].type != "list":
            raise self._wrong(other.node, f"{other.name} is no list; compare it with == or put values in brackets")
        if not other.name and not isinstance(other.value, tuple):
            raise self._wrong(other.node, "after 'in' stands a list flag or values in brackets, such as [1, 50]")
        if not other.name:
            for value in other.value:
                self._must_fit(one, _Term(other.node, value=value))
        return _decided(one, other, lambda a, b: any(_same(a, each) for each in b) is wanted)

    def _term(self, node: ast.expr) -> _Term:
        sign = -1 if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else 1
        inner = node.operand if sign < 0 and isinstance(node, ast.UnaryOp) else node
        if isinstance(inner, ast.Constant) and isinstance(inner.value, bool | int | float | str):
            value = -inner.value if sign < 0 and isinstance(inner.value, int | float) else inner.value
            return _Term(node, value=value)
        if isinstance(node, ast.List | ast.Tuple):
            items = [self._term(item) for item in node.elts]
            if any(item.name for item in items):
                raise self._wrong(node, "brackets hold values, not flags")
            return _Term(node, value=tuple(item.value for item in items))
        if isinstance(node, ast.Name) and node.id in _WORDS and node.id not in self._flags:
            return _Term(node, value=_WORDS[node.id])
        return self._flag(node)

    def _flag(self, node: ast.expr) -> _Term:
        """A flag by its name, which may hold `.` and `-`."""
        name = "".join((ast.get_source_segment(self._text, node) or "").split())
        if not isinstance(node, ast.Name | ast.Attribute | ast.BinOp):
            raise self._wrong(node, f"'{name}' is not part of this language; {_KNOWN}")
        if name not in self._flags:
            said = f"no flag '{name}'{advice(name, self._flags)}; a word that is a value stands in quotes"
            raise self._wrong(node, said)
        self.names.add(name)
        return _Term(node, name)

    def _must_fit(self, flag: _Term, value: _Term) -> None:
        """A flag is compared only with values that the matrix tries, else the constraint says nothing or too much."""
        if not flag.name or value.name:
            return
        known = self._flags[flag.name].values
        if not any(_same(_frozen(each), value.value) for each in known):
            shown = ", ".join(_written(each) for each in known)
            raise self._wrong(value.node, f"{_written(value.value)} is no value of {flag.name}; its values: {shown}")

    def _must_be_number(self, term: _Term) -> None:
        if term.name and self._flags[term.name].type not in _NUMBERS:
            kind = self._flags[term.name].type
            raise self._wrong(term.node, f"{term.name} is of type {kind}, which has no order; compare it with ==")
        if not term.name and (isinstance(term.value, bool) or not isinstance(term.value, int | float)):
            raise self._wrong(term.node, f"{_written(term.value)} has no order; compare with a number")

    def _wrong(self, node: ast.expr, said: str) -> ConstraintError:
        before = self._text.encode()[: node.col_offset].decode()
        return ConstraintError(f"column {len(before) + 1}: {said}")


def _joined(truths: list[Truth], decides: bool) -> Truth:
    """`or` if True decides, `and` if False does."""
    if decides in truths:
        return decides
    return None if None in truths else not decides


def _decided(one: _Term, other: _Term, compare: Callable[[Any, Any], bool]) -> _Rule:
    def rule(given: Given) -> Truth:
        first, second = one.of(given), other.of(given)
        return None if first is _UNSET or second is _UNSET else compare(first, second)

    return rule


def _same(one: Any, other: Any) -> bool:
    """Equal, where on is not 1 and off is not 0."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(_written(each) for each in value)}]" if isinstance(value, tuple | list) else repr(value)
