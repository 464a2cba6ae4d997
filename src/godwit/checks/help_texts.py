"""Reads help texts loosely: which options, subcommands and choices they offer; their layout and wording mean nothing."""

import re
from collections.abc import Iterator

from godwit.verdict import Finding

_OPTION = r"--?[A-Za-z0-9?][\w.-]*"
_IN_USAGE = re.compile(rf"[\[(|]\s*({_OPTION})")
_CHOICES = re.compile(r"\{([\w.-]+(?:,[\w.-]+)+)\}|\[([\w.-]+(?:\|[\w.-]+)+)\]")
_SECTION = re.compile(r"^(?=\S).*\b(?:sub)?commands?\b.*:\s*$|^(?:sub)?commands$", re.IGNORECASE)
_COMMAND = re.compile(r"^\s{1,8}([a-z0-9][\w.:-]*)(?:,\s*[\w-]+)*(?:\s{2,}|\s*$|\s+[<\[A-Z])", re.IGNORECASE)


def offers(text: str) -> dict[str, tuple[str, ...]]:
    """What a help text offers: `option`, `subcommand` and `choice`, each sorted.

    >>> offers("usage: x [-v]\\n\\nCommands:\\n  run   Runs it\\n\\n  --level {low,high}  How much")["option"]
    ('--level', '-v')
    """
    found = {"option": set(_options(text)), "subcommand": set(_commands(text)), "choice": set(_choices(text))}
    return {kind: tuple(sorted(names)) for kind, names in found.items()}


def vanished(baseline: str, candidate: str) -> tuple[list[Finding], int, list[str]]:
    """What the baseline's help offers and the candidate's does not, how much was looked for, and what is new."""
    one, other = offers(baseline), offers(candidate)
    findings = [
        Finding(f"{kind} vanished from the help", name, baseline=name, candidate="(absent)")
        for kind, names in one.items()
        for name in names
        if name not in other[kind]
    ]
    new = [name for kind, names in other.items() for name in names if name not in one[kind]]
    return findings, sum(map(len, one.values())), new


def _options(text: str) -> Iterator[str]:
    for line in text.splitlines():
        stripped = line.lstrip()
        yield from _IN_USAGE.findall(line) if "usage" in line.lower() or stripped.startswith("[") else ()
        if re.match(_OPTION, stripped) and (len(line) > len(stripped) or stripped.startswith("--")):
            yield from _declared(stripped)


def _declared(line: str) -> Iterator[str]:
    """The options that a line declares: those before its description, which begins after two blanks."""
    head = re.split(r"\s{2,}|\t", line, maxsplit=1)[0]
    for match in re.finditer(rf"(?:^|[\s,/|])({_OPTION})", head):
        yield match[1]


def _commands(text: str) -> Iterator[str]:
    inside, indent = False, 0
    for line in text.splitlines():
        if _SECTION.match(line):
            inside, indent = True, 0
        elif line.strip() and not line[0].isspace():
            inside = False
        elif inside and (match := _COMMAND.match(line)):
            depth = len(line) - len(line.lstrip())
            indent = indent or depth
            if depth == indent:  # a deeper line goes on with a description
                yield match[1]


def _choices(text: str) -> Iterator[str]:
    for braces, brackets in _CHOICES.findall(text):
        yield from (braces or brackets).split("," if braces else "|")
