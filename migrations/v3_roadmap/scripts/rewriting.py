"""Makes the one script that stands for a group: baked paths become the application's folder, found when it runs."""

import re
from pathlib import Path

from v3_roadmap.scripts.grouping import home_pattern

LIBRARY = "lib/home"
LIBRARY_TEXT = """\
# Sourced by every script: APP_HOME is the folder of the application that it was called for.
v3_root=$(dirname "$(dirname "$(readlink -f "$0")")")
v3_apps=$(CDPATH= cd -- "$v3_root/apps" && pwd -P)
v3_near=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P)
case $v3_near in
    "$v3_apps"/*) v3_app=${v3_near#"$v3_apps"/} v3_app=${v3_app%%/*} ;;
    *) v3_app=${V3_APP:-} ;;
esac
if [ -z "$v3_app" ] || [ ! -d "$v3_apps/$v3_app" ]; then
    echo "$(basename "$0"): set V3_APP to one of: $(ls "$v3_apps" | tr '\\n' ' ')" >&2
    exit 2
fi
APP_HOME=$v3_apps/$v3_app
"""
PROLOGUE = '. "$(dirname "$(readlink -f "$0")")/../lib/home"'


def rewritten(text: str, root: Path | str) -> str:
    """The script with `${APP_HOME}` for every baked path, quoted so that folders with spaces work."""
    first, _, rest = text.partition("\n")
    lines = [_rewritten_line(line, home_pattern(root)) for line in rest.splitlines()]
    return "\n".join([first, PROLOGUE, *lines]) + "\n"


def _rewritten_line(line: str, home: re.Pattern[str]) -> str:
    if line.lstrip().startswith("#"):
        return home.sub("APP_HOME", line)
    parts, end = [], 0
    for match in home.finditer(line):
        parts.append(line[end : match.start()])
        parts.append("${APP_HOME}" if _in_double_quotes(line[: match.start()]) else '"${APP_HOME}"')
        end = match.end()
    return "".join([*parts, line[end:]])


def _in_double_quotes(before: str) -> bool:
    """Whether text after `before` stands in double quotes; a $( ) inside them has quotes of its own."""
    stack = ["plain"]
    escaped = False
    for character in before:
        inside = stack[-1]
        if escaped:
            escaped = False
        elif inside == "single":
            if character == "'":
                stack.pop()
        elif character == "\\":
            escaped = True
        elif character == '"':
            stack.pop() if inside == "double" else stack.append("double")
        elif character == "'" and inside == "plain":
            stack.append("single")
        elif character == "(":
            stack.append("plain")
        elif character == ")" and len(stack) > 1 and inside == "plain":
            stack.pop()
    return stack[-1] == "double"
