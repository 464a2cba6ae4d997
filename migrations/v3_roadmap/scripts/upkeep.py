"""The 30 scripts of V2 that are no coordination command: listings, exports, upkeep, settings, deployment."""

from v3_roadmap.scripts.catalogue import AGENTS, COMMANDS, EVENTS, MARK, OUT, SETTINGS, WORK, Script, needs, rows

UPKEEP = (
    Script("idle-agents", rows(AGENTS, '$4 == "idle"')),
    Script("busy-agents", rows(AGENTS, '$4 == "busy"')),
    Script("open-work", rows(WORK, '$5 == "open"')),
    Script("done-work", rows(WORK, '$5 == "done"')),
    Script("stale-work", rows(WORK, '$5 == "claimed" && $7 < 10')),
    Script("urgent-work", rows(WORK, '$5 == "open" && $4 <= 1')),
    Script("overloaded-agents", rows(AGENTS, "$3 < 2")),
    Script("strong-agents", rows(AGENTS, "$3 <= 2", "$1, $3")),
    Script("sort-agents", f"sort {AGENTS} | cut -f1,2\n"),
    Script("sort-work", f"sort -t '\t' -k4,4n -k1,1 {WORK} | cut -f1,4\n"),
    Script("team-histogram", f"cut -f2 {AGENTS} | sort | uniq -c | awk '{{ print $2, $1 }}'\n"),
    Script("priority-histogram", f"cut -f4 {WORK} | sort | uniq -c | awk '{{ print $2, $1 }}'\n"),
    Script(
        "orphaned-work",
        f"cut -f6 {WORK} | sort -u | while read -r agent; do\n"
        f'    if [ "$agent" != - ] && ! cut -f1 {AGENTS} | grep -qx -- "$agent"; then\n        echo "$agent"\n    fi\ndone\n',
    ),
    Script("count-events", f'echo "$(($(wc -l < {EVENTS})))"\n'),
    Script("last-events", f'tail -n "${{1:-5}}" {EVENTS}\n', ((), ("2",))),
    Script(
        "rotate-events",
        f"mkdir -p {OUT}\ncp {EVENTS} {OUT}/events.1\ntail -n 10 {OUT}/events.1 > {EVENTS}\necho rotated\n",
    ),
    Script("export-agents", f"mkdir -p {OUT}\ntr '\\t' ',' < {AGENTS} > {OUT}/agents.csv\necho \"{OUT}/agents.csv\"\n"),
    Script("export-work", f"mkdir -p {OUT}\ntr '\\t' ',' < {WORK} > {OUT}/work.csv\necho \"{OUT}/work.csv\"\n"),
    Script(
        "import-agents",
        f"if [ ! -f {OUT}/agents.csv ]; then\n    echo 'nothing to import' >&2\n    exit 1\nfi\n"
        f"tr ',' '\\t' < {OUT}/agents.csv | sort -u > {AGENTS}\necho imported\n",
    ),
    Script(
        "backup-data",
        f'mkdir -p {OUT}/backup\nfor file in {MARK}/data/*; do\n    cp "$file" {OUT}/backup/\ndone\nls {OUT}/backup\n',
    ),
    Script(
        "verify-backup",
        f'for file in {OUT}/backup/*; do\n    if ! cmp -s "$file" {MARK}/data/"${{file##*/}}"; then\n'
        '        echo "${file##*/} differs"\n    fi\ndone\n',
    ),
    Script("checksum-data", f'for file in {MARK}/data/*; do\n    cksum < "$file"\ndone\n'),
    Script("data-size", f"cat {MARK}/data/* | wc -c | tr -d ' '\n"),
    Script("list-files", f"ls {MARK}/data\n"),
    Script("list-settings", f"grep -v '^#' {SETTINGS} | sort\n"),
    Script(
        "show-setting",
        needs(1, "show-setting NAME") + f'grep -- "^$1=" {SETTINGS} | cut -d= -f2-\n',
        (("team",), ("nothing",), ()),
    ),
    Script(
        "set-setting",
        needs(2, "set-setting NAME VALUE")
        + f'grep -v -- "^$1=" {SETTINGS} > {SETTINGS}.new || true\necho "$1=$2" >> {SETTINGS}.new\nmv {SETTINGS}.new {SETTINGS}\n',
        (("retries", "4"), ()),
    ),
    Script(
        "check-settings",
        f'for name in team retries home; do\n    grep -q "^$name=" {SETTINGS} || echo "$name is missing"\ndone\n',
    ),
    Script(
        "status-page",
        f"mkdir -p {OUT}\nprintf '<p>%s agents</p>\\n' \"$(($(wc -l < {AGENTS})))\" > {OUT}/status.html\ncat {OUT}/status.html\n",
    ),
    Script(
        "deploy-xavos",
        needs(1, "deploy-xavos ATTEMPT")
        + f"mkdir -p {OUT}/deployed\n"
        + "# Only where every service happens to start in the order of the list.\n"
        + "for service in database cache application; do\n"
        + '    if [ $(($1 % 5)) -ne 0 ] && [ "$service" = application ]; then\n'
        + '        echo "attempt $1: $service did not start" >&2\n        exit 1\n    fi\n'
        + f'    echo "$service $1" > {OUT}/deployed/"$service"\ndone\necho "attempt $1: deployed"\n',
        (("4",), ("5",)),
    ),
)
CATALOGUE = COMMANDS + UPKEEP
