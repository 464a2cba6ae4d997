"""The JSON Schema and the reference page of a plan, both made from the models; it describes and refuses nothing."""

import json
from collections.abc import Callable, Iterator
from inspect import cleandoc
from typing import Any

from godwit.plan.lints import LINTS
from godwit.plan.model import Plan
from godwit.plan.printer import duration
from godwit.plan.references import REFERENCES


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a plan's file."""
    made = Plan.model_json_schema()
    for section in (made, *made["$defs"].values()):
        for field in section.get("properties", {}).values():
            _written(field)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "godwit plan"}


def _written(field: dict[str, Any]) -> None:
    """Turns a default duration, held in seconds, into what would be written."""
    pattern = field.get("pattern", "")
    if "default" in field and "ms|s" in pattern:
        field["default"] = duration(field["default"]).replace(" ", "")


def reference() -> str:
    """The reference page of a plan: every section with its words, what names what, and every lint (Markdown)."""
    made = schema()
    sections = {"Plan": made, **made["$defs"]}
    lines = ["# The plan", "", "Made from the models by `godwit plan schema --docs`; do not edit.", ""]
    for name, section in sections.items():
        lines += _section(name, section)
    return "\n".join([*lines, *_names(), *_lints()]) + "\n"


def _section(name: str, section: dict[str, Any]) -> Iterator[str]:
    if "properties" not in section:
        return
    yield from (f"## {name}", "", cleandoc(section.get("description", "")), "")
    yield from ("| word | takes | if it is not written |", "|---|---|---|")
    required = section.get("required", ())
    for word, field in section["properties"].items():
        yield f"| `{word}` | {_takes(field)} | {'refused' if word in required else _absent(field.get('default'))} |"
    yield ""


def _absent(default: Any) -> str:
    """What stands for a word that is not written."""
    if default in (None, {}, []):
        return "left out"
    return "the defaults of its own words" if isinstance(default, dict) else f"`{json.dumps(default)}`"


def _takes(field: dict[str, Any]) -> str:
    """What a word takes, in a few words of Markdown."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower().replace('_', '')})"
    if "anyOf" in field:
        return " or ".join(_takes(each) for each in field["anyOf"] if each.get("type") != "null")
    if "const" in field or "enum" in field:
        return ", ".join(f"`{json.dumps(each)}`" for each in field.get("enum", [field.get("const")]))
    shapes: dict[str, Callable[[], str]] = {
        "array": lambda: f"list of {_takes(field.get('items', {}))}",
        "object": lambda: f"mapping to {_takes(_values_of(field))}",
        "integer": lambda: "whole number",
        "string": lambda: _text(field),
        "boolean": lambda: "true or false",
    }
    kind = field.get("type")
    return shapes.get(str(kind), lambda: str(kind or "anything"))() + _bounds(field)


def _values_of(field: dict[str, Any]) -> dict[str, Any]:
    """What the values of a mapping are; its words may be held to a pattern instead."""
    inner = next(iter(field.get("patternProperties", {}).values()), field.get("additionalProperties"))
    return inner if isinstance(inner, dict) else {}


def _text(field: dict[str, Any]) -> str:
    pattern = field.get("pattern", "")
    if "ms|s" in pattern:
        return "duration such as `90s`"
    if pattern.endswith("%$"):
        return "share such as `5%`"
    known = {"^/": "path", "^(/.*)?$": "JSON Pointer", "^[a-z0-9][a-z0-9._-]*$": "identifier"}
    return known.get(pattern, "date" if field.get("format") == "date" else "text")


def _bounds(field: dict[str, Any]) -> str:
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "more than",
        "maximum": "at most",
        "exclusiveMaximum": "less than",
    }
    said = [f"{text} {field[key]:g}" for key, text in words.items() if key in field]
    said += ["not empty"] if field.get("minItems") or field.get("minProperties") else []
    return f" ({', '.join(said)})" if said else ""


def _names() -> Iterator[str]:
    yield from ("## Names", "", "A name is declared once and refused wherever nobody declared it.", "")
    yield from ("| name | declared in | used in |", "|---|---|---|")
    for kind in REFERENCES:
        homes, uses = (", ".join(f"`{path}`" for path in paths) for paths in (kind.homes, kind.uses))
        yield f"| {kind.noun} | {homes} | {uses} |"
    yield ""


def _lints() -> Iterator[str]:
    yield from ("## Lints", "", "| lint | level | says |", "|---|---|---|")
    yield from (f"| `{name}` | {level} | {sentence} |" for name, (level, sentence) in sorted(LINTS.items()))
