"""What the 45 scripts of V2 do, as shell text with the mark @HOME@ for an application's folder; it writes no file.

The cases of a script are the words that it is tried with, in this order, on both sides of the consolidation.
"""

from dataclasses import dataclass

MARK = "@HOME@"
AGENTS, WORK, EVENTS = "@HOME@/data/agents.tsv", "@HOME@/data/work.tsv", "@HOME@/data/events.log"
SETTINGS, OUT = "@HOME@/data/settings.env", "@HOME@/out"


@dataclass(frozen=True, slots=True)
class Script:
    """One script: its name, its lines after the heading, and the words of each case."""

    name: str
    body: str
    cases: tuple[tuple[str, ...], ...] = ((),)


def needs(count: int, usage: str) -> str:
    """Lines that end a script with 2 where words are missing."""
    return f'if [ $# -lt {count} ]; then\n    echo "usage: {usage}" >&2\n    exit 2\nfi\n'


def known(table: str, what: str) -> str:
    """Lines that end a script with 1 where its first word is not in the first column of a table."""
    lines = (f'if ! cut -f1 {table} | grep -qx -- "$1"; then', f'    echo "no {what} $1" >&2', "    exit 1", "fi", "")
    return "\n".join(lines)


def changed(table: str, program: str, values: str = "") -> str:
    """Lines that rewrite a table by an awk program, with the first word as `id`."""
    return f"awk -F'\\t' -v OFS='\\t' -v id=\"$1\" {values}'{program}' {table} > {table}.new\nmv {table}.new {table}\n"


def noted(kind: str) -> str:
    """A line that adds an event about the first word."""
    return f'echo "{kind} $1" >> {EVENTS}\n'


def rows(table: str, condition: str, shown: str = "$1") -> str:
    """A line that shows the rows of a table that meet a condition."""
    return f"awk -F'\\t' '{condition} {{ print {shown} }}' {table}\n"


COMMANDS = (
    Script(
        "register-agent",
        needs(3, "register-agent AGENT TEAM CAPACITY")
        + f'if cut -f1 {AGENTS} | grep -qx -- "$1"; then\n    echo "agent $1 is registered" >&2\n    exit 1\nfi\n'
        + f'printf \'%s\\t%s\\t%s\\tidle\\n\' "$1" "$2" "$3" >> {AGENTS}\n'
        + noted("register-agent")
        + 'echo "registered $1"\n',
        ((), ("new-agent", "red", "3"), ("new-agent", "red", "3")),
    ),
    Script(
        "heartbeat",
        needs(1, "heartbeat AGENT") + known(AGENTS, "agent") + noted("heartbeat") + 'echo "$1 is alive"\n',
        (("agent-1",), ("nobody",)),
    ),
    Script(
        "agent-status",
        needs(1, "agent-status AGENT")
        + known(AGENTS, "agent")
        + f"awk -F'\\t' -v id=\"$1\" '$1 == id {{ print $4 }}' {AGENTS}\n",
        (("agent-2",), ("nobody",), ()),
    ),
    Script(
        "list-agents",
        f"awk -F'\\t' -v team=\"${{1:-}}\" 'team == \"\" || $2 == team {{ print $1, $2, $3 }}' {AGENTS}\n",
        ((), ("red",)),
    ),
    Script(
        "set-capacity",
        needs(2, "set-capacity AGENT CAPACITY")
        + known(AGENTS, "agent")
        + changed(AGENTS, "$1 == id { $3 = value } { print }", '-v value="$2" ')
        + 'echo "$1 may take $2"\n',
        (("agent-3", "9"), ("nobody", "1")),
    ),
    Script(
        "deregister-agent",
        needs(1, "deregister-agent AGENT")
        + known(AGENTS, "agent")
        + changed(AGENTS, "$1 != id")
        + noted("deregister-agent")
        + 'echo "deregistered $1"\n',
        (("new-agent",), ("nobody",)),
    ),
    Script(
        "add-work",
        needs(3, "add-work WORK TYPE TEAM [PRIORITY]")
        + f'printf \'%s\\t%s\\t%s\\t%s\\topen\\t-\\t0\\n\' "$1" "$2" "$3" "${{4:-3}}" >> {WORK}\n'
        + noted("add-work")
        + 'echo "added $1"\n',
        (("work-new", "build", "red"), ("work-late", "build", "red", "5"), ()),
    ),
    Script(
        "claim-work",
        needs(1, "claim-work AGENT")
        + known(AGENTS, "agent")
        + f"next=$(awk -F'\\t' '$5 == \"open\" {{ print $4, NR, $1 }}' {WORK} | sort -n -k1,1 -k2,2 | head -n 1 | cut -d' ' -f3)\n"
        + 'if [ -z "$next" ]; then\n    echo "nothing to do"\n    exit 0\nfi\n'
        + "awk -F'\\t' -v OFS='\\t' -v id=\"$next\" -v agent=\"$1\" "
        + f"'$1 == id {{ $5 = \"claimed\"; $6 = agent }} {{ print }}' {WORK} > {WORK}.new\n"
        + f"mv {WORK}.new {WORK}\n"
        + 'echo "$1 claimed $next"\n',
        (("agent-1",), ("nobody",)),
    ),
    Script(
        "progress-work",
        needs(2, "progress-work WORK PERCENT")
        + known(WORK, "work")
        + changed(WORK, "$1 == id { $7 = value } { print }", '-v value="$2" ')
        + 'echo "$1 is at $2"\n',
        (("work-1", "40"), ("work-none", "40")),
    ),
    Script(
        "complete-work",
        needs(1, "complete-work WORK")
        + known(WORK, "work")
        + changed(WORK, '$1 == id { $5 = "done"; $7 = 100 } { print }')
        + noted("complete-work")
        + 'echo "$1 is done"\n',
        (("work-1",), ("work-none",)),
    ),
    Script(
        "release-work",
        needs(1, "release-work WORK")
        + known(WORK, "work")
        + changed(WORK, '$1 == id { $5 = "open"; $6 = "-" } { print }')
        + 'echo "$1 is open"\n',
        (("work-2",), ("work-none",)),
    ),
    Script(
        "list-work",
        f"awk -F'\\t' -v state=\"${{1:-}}\" 'state == \"\" || $5 == state {{ print $1, $5, $6 }}' {WORK}\n",
        ((), ("open",)),
    ),
    Script(
        "team-report",
        needs(1, "team-report TEAM")
        + f"agents=$(awk -F'\\t' -v team=\"$1\" '$2 == team' {AGENTS} | wc -l)\n"
        + f"work=$(awk -F'\\t' -v team=\"$1\" '$3 == team' {WORK} | wc -l)\n"
        + 'echo "$1: $((agents)) agents, $((work)) pieces of work"\n',
        (("red",), ("nobody",), ()),
    ),
    Script(
        "health-score",
        f"agents=$(wc -l < {AGENTS})\nopen=$(awk -F'\\t' '$5 == \"open\"' {WORK} | wc -l)\n"
        'echo "$((100 + agents / 2 - open / 4))"\n',
    ),
    Script(
        "dashboard",
        f'for table in {AGENTS} {WORK}; do\n    printf \'%s %s\\n\' "${{table##*/}}" "$(($(wc -l < "$table")))"\ndone\n'
        f"tail -n 3 {EVENTS}\n",
    ),
)
