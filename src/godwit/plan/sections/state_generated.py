"""`state.conversion.generated`: how small baseline states are made to try a conversion on; it makes none itself."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from godwit.plan.sections.words import Command, Duration, Section, Text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


def _column(text: str) -> str:
    if not re.fullmatch(r"[^.]+\.[^.]+", text):
        raise ValueError(f"{text!r} names no column; write table.column")
    return text


def _mode(text: str) -> str:
    if not re.fullmatch(r"0?[0-7]{3}", text):
        raise ValueError(f'{text!r} is no mode; write it in octal as a text, such as "0600"')
    return text


ColumnName = Annotated[Text, AfterValidator(_column)]
Pattern = Annotated[Text, AfterValidator(_pattern)]
Mode = Annotated[Text, AfterValidator(_mode)]
ValueKind = Literal[
    "text", "integer", "number", "boolean", "date", "timestamp", "zoned-timestamp", "json", "uuid", "bytes"
]
_SOURCES = ("values", "matches", "kind", "refers")


class Hint(Section):
    """What the values of a column are, where the schema does not say it; one of `values`, `matches`, `kind`, `refers`.

    `least` and `most` bound numbers. `refers` takes the values of another column (`table.column`), with `orphans` also
    values that are not there. `apart_from` leaves out the values of another column. `nulls: false` never draws NULL where
    the schema would allow it. `others: refused` says that the conversion must refuse every other value.
    """

    values: tuple[Any, ...] = ()
    matches: Pattern | None = None
    kind: ValueKind | None = None
    refers: ColumnName | None = None
    orphans: bool = False
    apart_from: ColumnName | None = None
    least: float | None = None
    most: float | None = None
    nulls: bool = True
    others: Literal["taken", "refused"] = "taken"

    @model_validator(mode="after")
    def _one_source(self) -> "Hint":
        named = [word for word in _SOURCES if getattr(self, word)]
        if len(named) > 1:
            raise ValueError(f"{' and '.join(named)} exclude each other; a hint takes one of {', '.join(_SOURCES)}")
        if self.others == "refused" and not named:
            raise ValueError(f"others: refused needs one of {', '.join(_SOURCES)}, or there are no others")
        if self.orphans and not (self.refers and self.others == "taken"):
            raise ValueError("orphans are for a hint with refers that does not say others: refused")
        return self


class TableHint(Section):
    """How many rows a table gets; `kept` takes the rows that the baseline's store has, in every state the same."""

    rows_at_most: int | None = Field(default=None, ge=0)
    rows_at_least: int = Field(default=0, ge=0)
    kept: bool = False


class GeneratedFile(Section):
    """Files of a generated folder: `name` with `*` drawn, the values of its `keys` drawn, each in one of the modes.

    `json` writes one object (which is YAML as well), `env` a line `KEY=value` for each key; `text` and `bytes` have no keys.
    """

    name: Text
    at_most: int = Field(default=3, ge=1)
    at_least: int = Field(default=0, ge=0)
    format: Literal["json", "env", "text", "bytes"] = "text"
    keys: dict[Text, tuple[Any, ...] | Hint] = Field(default_factory=dict)
    modes: tuple[Mode, ...] = ("0644",)
    spoiled: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _keys_have_a_place(self) -> "GeneratedFile":
        if self.keys and self.format not in ("json", "env"):
            raise ValueError(f"keys are for the formats json and env, not for {self.format}")
        return self


class GeneratedStates(Section):
    """Small baseline states, drawn from the schema of the baseline's store (or from `files`), each converted by the tool.

    `warm` is what converts within a process that stays up: `module:function`, called with source and target (a URL or a
    folder each; what it raises is its refusal), or a command that reads a JSON line with `source` and `target` for each
    state and answers with a line with `exit` and `said`. Without it the conversion's command is started for every state.
    `append` adds to a target that is there already, the same way: then a state is also converted in two halves; `back`
    converts back, as the conversion's `reverse` does. What a column may be is in `hints`; each of `refuses` is a text in
    whose presence a refusal is rightful.
    """

    examples: int = Field(default=200, ge=1)
    rows_at_most: int = Field(default=8, ge=1)
    hints: dict[ColumnName, tuple[Any, ...] | Hint] = Field(default_factory=dict)
    tables: dict[Text, TableHint] = Field(default_factory=dict)
    files: tuple[GeneratedFile, ...] = ()
    refuses: tuple[Text, ...] = ()
    warm: Text | Command | None = None
    append: Text | Command | None = None
    back: Text | Command | None = None
    time_s: Duration = 60.0


class Lossy(Section):
    """A column of the source (or `files.content` and the like) that the way back does not restore, and why."""

    column: ColumnName
    reason: Text
