"""Pre-migration tests on two running services: can the candidate stand in for the baseline; writes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from orchestration_v2.tools.answers import ask, demand, health_problem
from orchestration_v2.tools.conversion import TEAM_OF, VERSION
from orchestration_v2.tools.refusals import Refused


@dataclass(frozen=True, slots=True)
class Line:
    """One test of the pre-migration list: its name, and what stands against it (nothing when it holds)."""

    name: str
    problems: tuple[str, ...]


def compatibility_lines(baseline: str, candidate: str) -> Iterator[Line]:
    """Yield the tests one after the other; a service that does not answer fails a test and ends none of the others."""
    tests = {
        "both are healthy": both_healthy,
        "the API contract is intact": contract_intact,
        "all agents fit a team of v2": agents_fit,
        "monitoring reads the metrics of v2": metrics_there,
        "views have the same fields": views_alike,
    }
    for name, test in tests.items():
        try:
            yield Line(name, tuple(test(baseline.rstrip("/"), candidate.rstrip("/"))))
        except (Refused, KeyError, TypeError, AttributeError) as error:
            yield Line(name, (str(error) if isinstance(error, Refused) else f"an answer lacks {error}",))


def both_healthy(baseline: str, candidate: str) -> list[str]:
    """Return what is wrong with the health of either service."""
    found = (health_problem(baseline, None), health_problem(candidate, VERSION))
    return [problem for problem in found if problem]


def contract_intact(baseline: str, candidate: str) -> list[str]:
    """Return operations of the v1 API that the candidate lacks."""
    before = demand(f"{baseline}/openapi.json")
    after = demand(f"{candidate}/openapi.json")
    return [
        f"the candidate lacks {method.upper()} {path}"
        for path, operations in before["paths"].items()
        if path.startswith(("/api/", "/health"))
        for method in operations
        if method not in after["paths"].get(path, {})
    ]


def agents_fit(baseline: str, candidate: str) -> list[str]:
    """Return roles of the baseline that no team of the candidate takes over."""
    roles = {agent["role"] for agent in demand(f"{baseline}/api/agents")["agents"]}
    found = [f"'{role}' has no team in the consolidation table" for role in sorted(roles - set(TEAM_OF))]
    teams = {row["team"] for row in demand(f"{candidate}/api/v2/teams")["teams"]}
    missing = {TEAM_OF[role] for role in roles & set(TEAM_OF)} - teams
    # A candidate whose store is not converted yet has no team at all: then the table alone can answer.
    return found + [f"the candidate has no team '{team}'" for team in sorted(missing if teams else ())]


def metrics_there(baseline: str, candidate: str) -> list[str]:
    """Return metrics of the baseline that the candidate does not expose."""
    ours = {name for name in families(baseline) if name.startswith(("orchestration_", "process_"))}
    found = [f"the candidate does not expose {name}" for name in sorted(ours - families(candidate))]
    return found or ([] if ours else ["the baseline exposes no metric of its own"])


def families(url: str) -> set[str]:
    """Return the metrics that a service declares; those with labels stand there before their first sample."""
    text = str(demand(f"{url}/metrics"))
    return {line.split()[2] for line in text.split("\n") if line.startswith("# TYPE ") and "_created" not in line}


def views_alike(baseline: str, candidate: str) -> list[str]:
    """Return fields of the agent and task views that one side has alone."""
    found = []
    for place, key in (("/api/agents", "agents"), ("/api/tasks?limit=50", "tasks"), ("/api/workflows", "workflows")):
        before, after = fields_of(baseline, place, key), fields_of(candidate, place, key)
        # Without rows on either side there is nothing to compare; the contract test has spoken.
        if before and after and before != after:
            found.append(f"{place}: only on one side: {', '.join(sorted(before ^ after))}")
    return found


def fields_of(url: str, place: str, key: str) -> set[str]:
    """Return the fields of the rows that a service lists at a place."""
    answer = ask(f"{url}{place}")
    if answer.status != 200:
        raise Refused(f"{url}{place}: answered {answer.status}")
    rows: list[dict[str, Any]] = answer.body[key]
    return {field for row in rows for field in row}
