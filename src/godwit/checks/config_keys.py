"""Whether each key of an old configuration still has its meaning in the new one; reads no file and guesses no name."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from godwit.checks.differences import cut, verdict_on
from godwit.checks.json_text import kind_of
from godwit.plan import ConfigFile
from godwit.verdict import Finding, Judgement, inconclusive

_ABSENT = "(absent)"
_TRUE, _FALSE = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file says. `typed` is false where the format has texts only (`ini`, `env`)."""

    values: Mapping[str, Any]
    typed: bool

    def flat(self) -> dict[str, Any]:
        """Values by dotted key; a list is one value.

        >>> Config({"a": {"b": 1, "c": []}, "d": {}}, True).flat()
        {'a.b': 1, 'a.c': [], 'd': {}}
        """
        return dict(_leaves((), self.values))


def _leaves(steps: tuple[str, ...], value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and (value or not steps):
        for key, item in value.items():
            yield from _leaves((*steps, str(key)), item)
    else:
        yield ".".join(steps), value


def judge_config(file: ConfigFile, old: Config, new: Config) -> Judgement:
    """Judge every key of the old file against what the plan states of it.

    A key that is nowhere in `mapped`, `changed`, `defaulted` and `dropped` keeps its name, value and type. A plan that
    speaks of keys which the old file does not have is inconclusive: it is not about this file.
    """
    before, after = old.flat(), new.flat()
    tables: tuple[Mapping[str, Any], ...] = (file.mapped, file.changed, file.defaulted, file.dropped)
    unknown = sorted({key for table in tables for key in table if not any(_is_in(each, key) for each in before)})
    if unknown:
        return inconclusive(f"the plan speaks of keys that {file.file} does not have: {', '.join(unknown)}")
    findings: list[Finding] = []
    met: set[str] = set()
    for key, value in before.items():
        if _holder(key, file.dropped) is not None:
            continue
        name = _renamed(key, file.mapped)
        met.add(name)
        if name not in after:
            findings.append(Finding("key vanished", key, cut(_shown(value)), _ABSENT, f"looked for {name}"))
            continue
        stated = file.changed | file.defaulted
        wanted = Config({"it": stated[key]}, True) if key in stated else Config({"it": value}, old.typed)
        if found := _difference(wanted, after[name], new.typed):
            reason = "the plan states this value" if key in stated else f"now {name}" if name != key else ""
            findings.append(Finding(found, key, cut(_shown(wanted.values["it"])), cut(_shown(after[name])), reason))
    return verdict_on(findings, len(before), "key(s)", note=_told(file, before, after.keys() - met))


def _is_in(key: str, table: str) -> bool:
    return key == table or key.startswith(f"{table}.")


def _holder(key: str, names: Collection[str]) -> str | None:
    """The longest of the names that is this key or a table around it."""
    return max((name for name in names if _is_in(key, name)), key=len, default=None)


def _renamed(key: str, mapped: Mapping[str, str]) -> str:
    holder = _holder(key, mapped)
    return key if holder is None else mapped[holder] + key[len(holder) :]


def _difference(wanted: Config, actual: Any, typed: bool) -> str:
    """How two values differ, in words; empty if they do not. Where one format has only texts, texts are compared."""
    value = wanted.values["it"]
    if wanted.typed and typed:
        if _kind(value) != _kind(actual):
            return f"type: {_kind(value)} became {_kind(actual)}"
        return "" if _shown(value) == _shown(actual) else "value"
    return "" if plain_texts(value) & plain_texts(actual) else "value"


def plain_texts(value: Any) -> frozenset[str]:
    """The texts that a value may be written as where there are no types."""
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if value is None:
        return frozenset({"", "null", "none"})
    if isinstance(value, list):
        return frozenset({",".join(map(str, value))})
    text = str(value)
    words = {text, ",".join(part.strip() for part in text.split(",")), *({text.lower()} & (_TRUE | _FALSE))}
    try:
        words.add(f"{float(text):g}")
    except (ValueError, OverflowError):
        pass
    return frozenset(words)


def _kind(value: Any) -> str:
    if isinstance(value, float):
        return "number"
    return "integer" if isinstance(value, int) and not isinstance(value, bool) else kind_of(value)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _told(file: ConfigFile, before: Collection[str], new: Collection[str]) -> str:
    dropped = [f"{name} ({reason})" for name, reason in file.dropped.items()]
    moved = sum(_renamed(key, file.mapped) != key for key in before)
    parts = [f"{moved} mapped"] * bool(moved) + [f"{len(file.defaulted)} defaulted"] * bool(file.defaulted)
    parts += [f"dropped: {', '.join(dropped)}"] * bool(dropped) + [f"{len(new)} new"] * bool(new)
    return "; ".join(parts)
