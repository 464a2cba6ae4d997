"""Pairs rows by key (or, without one, as a multiset), lists every bad key, and groups what is wrong by its cause."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from godwit.checks.cells import Sameness, key_of, key_text
from godwit.checks.differences import EXAMPLES_AT_MOST, cut, verdict_on
from godwit.checks.grouping import SAME_CHANGE, CellChange, Place, group_changes, hints
from godwit.checks.lost_rows import by_position, collided, in_common, rekeyed
from godwit.checks.mappings import Unmapped
from godwit.verdict import Finding, Judgement

Row = Mapping[str, Any]
Rows = Sequence[Row]
_EXACT = Sameness()
_PAIRS_AT_MOST = 1_000_000
_ABSENT, _PRESENT = "(absent)", "present"


@dataclass(frozen=True, slots=True)
class Pairing:
    """What is compared: the table, its key, the columns, and what does not count in some of them."""

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    same: Mapping[str, Sameness] = field(default_factory=dict)

    def place(self, row: Row) -> Place:
        """The key of a row, folded as its columns' collations say."""
        return key_of({name: self.rule(name).folded(row.get(name)) for name in self.key}, self.key)

    def rule(self, column: str) -> Sameness:
        """When two cells of a column count as the same."""
        return self.same.get(column, _EXACT)

    def alike(self, one: Row, other: Row) -> bool:
        """Whether two rows are the same in every column."""
        return all(self.rule(name).holds(one.get(name), other.get(name)) for name in self.columns)


@dataclass(frozen=True, slots=True)
class BadKey:
    """One thing that is wrong with one row: what, at which key, in which column, both cells as text, the likely cause."""

    what: str
    key: str
    column: str = ""
    expected: str = ""
    actual: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """The judgement of a comparison, and every bad key behind it: grouped by cause, the smallest first in each group."""

    judgement: Judgement
    bad: tuple[BadKey, ...]


@dataclass(slots=True)
class _Sides:
    """Rows after pairing: those that belong together, those on one side only, and those that come too often."""

    pairs: list[tuple[Place, Row, Row]] = field(default_factory=list)
    missing: list[tuple[Place, Row]] = field(default_factory=list)
    fewer: list[tuple[Place, Row]] = field(default_factory=list)
    extra: list[tuple[Place, Row]] = field(default_factory=list)
    more: list[tuple[Place, Row]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Group:
    """One finding, and the bad keys that it stands for."""

    finding: Finding
    bad: tuple[BadKey, ...]


def compare(expected: Rows, actual: Rows, pairing: Pairing) -> Compared:
    """Compare rows; see `compare_rows`. Keys that come several times on both sides are held against one another."""
    sides = _paired(expected, actual, pairing)
    absent = _absent_columns(actual, pairing)
    groups = [
        *_lost_and_gained(sides, expected, pairing),
        *(_missing_column(f"{pairing.table}.{name}") for name in absent),
    ]
    changes = _changes(sides.pairs, pairing, set(absent))
    for column, found in changes.items():
        groups += [_changed(pairing.table, column, cause, members) for cause, members in group_changes(found)]
    n = max(len(expected), len(actual))
    judgement = verdict_on([group.finding for group in groups], n, f"rows of {pairing.table}")
    return Compared(judgement, tuple(key for group in groups for key in group.bad))


def _paired(expected: Rows, actual: Rows, pairing: Pairing) -> _Sides:
    sides = _Sides()
    ours, theirs = _by_place(expected, pairing), _by_place(actual, pairing)
    for place, rows in ours.items():
        others = theirs.get(place, [])
        if not others:
            sides.missing += [(place, row) for row in rows]
        elif len(rows) == len(others) == 1:
            sides.pairs.append((place, rows[0], others[0]))
        else:
            _match(sides, place, rows, others, pairing)
    for place, rows in theirs.items():
        if place not in ours:
            sides.extra.append((place, rows[0]))
            sides.more += [(place, row) for row in rows[1:]]
    return sides


def _by_place(rows: Rows, pairing: Pairing) -> dict[Place, list[Row]]:
    found: dict[Place, list[Row]] = {}
    for row in rows:
        found.setdefault(pairing.place(row), []).append(row)
    return found


def _match(sides: _Sides, place: Place, rows: Rows, others: Rows, pairing: Pairing) -> None:
    """Pair the rows of one key: equal ones first, then the rest in their order; what is left over is too few or too many."""
    ours, theirs = _unlike(rows, others, pairing)
    if pairing.key:
        sides.pairs += [(place, one, other) for one, other in zip(ours, theirs, strict=False)]
        sides.fewer += [(place, row) for row in ours[len(theirs) :]]
        sides.more += [(place, row) for row in theirs[len(ours) :]]
        return
    pairs, ours, theirs = _nearly_alike(ours, theirs, pairing)
    sides.pairs += pairs
    sides.missing += [(_whole(row, pairing), row) for row in ours]
    sides.extra += [(_whole(row, pairing), row) for row in theirs]


def _whole(row: Row, pairing: Pairing) -> Place:
    return key_of(row, pairing.columns)


def _unlike(rows: Rows, others: Rows, pairing: Pairing) -> tuple[list[Row], list[Row]]:
    """The rows of either side that have no equal one on the other, each counted as often as it comes."""
    known: dict[Place, list[Row]] = {}
    for row in others:
        known.setdefault(_folded(row, pairing), []).append(row)
    ours: list[Row] = []
    for row in rows:
        equal = known.get(_folded(row, pairing))
        if equal:
            equal.pop()
        else:
            ours.append(row)
    theirs = [row for left in known.values() for row in left]
    if len(ours) * len(theirs) > _PAIRS_AT_MOST:
        return ours, theirs
    unlike: list[Row] = []
    for row in ours:
        found = next((number for number, other in enumerate(theirs) if pairing.alike(row, other)), None)
        if found is None:
            unlike.append(row)
        else:
            del theirs[found]
    return unlike, theirs


def _folded(row: Row, pairing: Pairing) -> Place:
    return key_of({name: pairing.rule(name).folded(row.get(name)) for name in pairing.columns}, pairing.columns)


def _nearly_alike(
    ours: list[Row], theirs: list[Row], pairing: Pairing
) -> tuple[list[tuple[Place, Row, Row]], list[Row], list[Row]]:
    """Rows without a key that differ in one column only, and whose other cells tell them apart, belong together."""
    pairs: list[tuple[Place, Row, Row]] = []
    columns = list(pairing.columns) if len(pairing.columns) > 1 else []
    while columns and ours and theirs:
        found = {column: _but_for(column, ours, theirs, pairing) for column in columns}
        best = max(columns, key=lambda column: len(found[column]))
        taken = {id(row) for _, one, other in found[best] for row in (one, other)}
        pairs += found[best]
        ours, theirs = ([row for row in rows if id(row) not in taken] for rows in (ours, theirs))
        columns = [column for column in columns if column != best and found[column]]
    return pairs, ours, theirs


def _but_for(column: str, ours: Rows, theirs: Rows, pairing: Pairing) -> list[tuple[Place, Row, Row]]:
    rest = [name for name in pairing.columns if name != column]
    one, other = _alone(ours, rest), _alone(theirs, rest)
    return [(place, row, other[place]) for place, row in one.items() if place in other]


def _alone(rows: Rows, columns: Sequence[str]) -> dict[Place, Row]:
    found: dict[Place, list[Row]] = {}
    for row in rows:
        found.setdefault(key_of(row, columns), []).append(row)
    return {place: same[0] for place, same in found.items() if len(same) == 1}


def _lost_and_gained(sides: _Sides, expected: Rows, pairing: Pairing) -> Iterator[_Group]:
    key = ", ".join(pairing.key)
    cause, pairs = rekeyed([place for place, _ in sides.missing], [place for place, _ in sides.extra])
    if not pairing.key or not pairs:
        cause, pairs = "", []
    gone, come = ({pair[side] for pair in pairs} for side in (0, 1))
    if pairs:
        yield _rekeyed_group(pairing, f"{cause}; several became one" if len(come) < len(gone) else cause, pairs)
    missing = [(place, row) for place, row in sides.missing if place not in gone]
    if missing:
        reason = _why_missing(missing, sides, expected, pairing)
        yield _group("rows are missing", pairing, missing, (_PRESENT, _ABSENT), reason)
    if sides.fewer:
        yield _group("rows of one key are missing", pairing, sides.fewer, (_PRESENT, _ABSENT), f"{key} comes twice")
    extra = [(place, row) for place, row in sides.extra if place not in come]
    if extra:
        reason = _why_extra([row for _, row in extra], sides, pairing)
        yield _group("rows are extra", pairing, extra, (_ABSENT, _PRESENT), reason)
    if sides.more:
        yield _group("key comes twice", pairing, sides.more, ("once", "more than once"), key)


def _why_extra(extra: Rows, sides: _Sides, pairing: Pairing) -> str:
    kept = [other for _, _, other in sides.pairs]
    rest = [name for name in pairing.columns if name not in pairing.key]
    there = {key_of(row, rest) for row in kept}
    if pairing.key and len(rest) > 1 and all(key_of(row, rest) in there for row in extra):
        return "they are other rows again, under keys of their own"
    found = in_common(extra, kept, pairing.columns) if kept else ""
    return found if pairing.key else found or "no key tells the rows apart"


def _why_missing(missing: list[tuple[Place, Row]], sides: _Sides, expected: Rows, pairing: Pairing) -> str:
    places = [place for place, _ in missing]
    kept = [one for _, one, _ in sides.pairs]
    if not sides.pairs and not sides.extra:
        return "no row is there"
    if not pairing.key:
        return in_common([row for _, row in missing], kept, pairing.columns) or "no key tells the rows apart"
    everything = [pairing.place(row) for row in expected]
    return (
        collided(places, [place for place, _, _ in sides.pairs])
        or in_common([row for _, row in missing], kept, [it for it in pairing.columns if it not in pairing.key])
        or by_position(places, everything, pairing.key)
        or in_common([row for _, row in missing], kept, pairing.columns)
    )


def _group(
    what: str, pairing: Pairing, rows: Sequence[tuple[Place, Row]], shown: tuple[str, str], reason: str
) -> _Group:
    ordered = sorted(rows, key=lambda it: (len(_text(it[0])), _text(it[0])))
    bad = tuple(BadKey(what, _text(place), "", *shown, reason) for place, _ in ordered)
    return _Group(Finding(what, pairing.table, *shown, reason, len(rows), _examples(bad)), bad)


def _rekeyed_group(pairing: Pairing, cause: str, pairs: Sequence[tuple[Place, Place]]) -> _Group:
    ordered = sorted(((_text(one), _text(other)) for one, other in pairs), key=lambda it: (len(it[0]), it))
    bad = tuple(BadKey("key was changed", one, ", ".join(pairing.key), one, other, cause) for one, other in ordered)
    first, other = ordered[0]
    where = f"{pairing.table}.{', '.join(pairing.key)}"
    return _Group(Finding("key was changed", where, cut(first), cut(other), cause, len(bad), _examples(bad)), bad)


def _missing_column(where: str) -> _Group:
    what = "column is missing"
    return _Group(Finding(what, where, _PRESENT, _ABSENT), (BadKey(what, where, "", _PRESENT, _ABSENT),))


def _absent_columns(actual: Rows, pairing: Pairing) -> list[str]:
    if not actual:
        return []
    seen: Set[str] = {name for row in actual for name in row}
    return [name for name in pairing.columns if name not in seen]


def _changes(
    pairs: Sequence[tuple[Place, Row, Row]], pairing: Pairing, absent: Set[str]
) -> dict[str, list[CellChange]]:
    """The changed cells by column, in the order of the columns."""
    columns = [name for name in pairing.columns if name not in absent]
    found: dict[str, list[CellChange]] = {name: [] for name in columns}
    rules = [(name, pairing.rule(name)) for name in columns]
    for place, one, other in pairs:
        changed = [name for name, rule in rules if not rule.holds(one.get(name), other.get(name))]
        for name in changed:
            why = tuple(hints(name, changed, one, other)) if len(changed) > 1 else ()
            found[name].append(CellChange(place, one.get(name), other.get(name), why))
    return {name: changes for name, changes in found.items() if changes}


def _changed(table: str, column: str, cause: str, group: Sequence[CellChange]) -> _Group:
    first = group[0]
    bad = tuple(BadKey("cell changed", _text(it.place), column, _cell(it.one), repr(it.other), cause) for it in group)
    where = f"{table}.{column}"
    shown = cut(_cell(first.one)), cut(repr(first.other))
    return _Group(Finding("cell changed", where, *shown, cause or SAME_CHANGE, len(group), _examples(bad)), bad)


def _cell(value: Any) -> str:
    return value.why if isinstance(value, Unmapped) else repr(value)


def _examples(bad: Sequence[BadKey]) -> tuple[str, ...]:
    return tuple(cut(key.key) for key in bad[:EXAMPLES_AT_MOST])


def _text(place: Place) -> str:
    return ", ".join(map(key_text, place))
