"""V3's reports; the health score is a weighed mean, so it never leaves 0 to 100."""

from typing import Any

from v3_roadmap.candidate import arguments as a
from v3_roadmap.candidate.store import Transaction

Result = dict[str, Any]
WEIGHTS = {"agents": 2, "work": 2, "backlog": 1}


def team_report(transaction: Transaction, given: a.ForTeam) -> Result:
    """A team in figures."""
    found = transaction.rows(
        "SELECT COUNT(*) AS agents, COALESCE(SUM(capacity), 0) AS capacity FROM agents WHERE team = %s", (given.team,)
    )[0]
    return {"team": given.team} | found | _work(transaction, "WHERE team = %s", given.team)


def health_score(transaction: Transaction, _given: a.Nothing) -> Result:
    """How well the system is, 0 to 100, with the shares it is made of."""
    agents = _agents(transaction)
    work = _work(transaction)
    shares = {
        "agents": _share(agents["n"] - agents["over"], agents["n"]),
        "work": _share(work["done"], work["done"] + work["failed"]),
        "backlog": _share(10 * agents["capacity"], 10 * agents["capacity"] + work["open"]),
    }
    weighed = sum(shares[part] * weight for part, weight in WEIGHTS.items()) / sum(WEIGHTS.values())
    return {"score": round(min(max(100 * weighed, 0.0), 100.0), 1), "parts": shares}


def dashboard(transaction: Transaction, given: a.Nothing) -> Result:
    """The system at a glance."""
    agents = _agents(transaction)
    return {
        "agents": agents["n"],
        "busy": agents["busy"],
        "work": _work(transaction),
        "score": health_score(transaction, given)["score"],
        "teams": sorted(row["team"] for row in transaction.rows("SELECT DISTINCT team FROM agents")),
    }


def work_by_status(transaction: Transaction) -> dict[str, int]:
    """How much work is open, claimed, done and failed."""
    return _work(transaction)


def _agents(transaction: Transaction) -> dict[str, int]:
    return transaction.rows(
        "SELECT COUNT(*) AS n, COALESCE(SUM(capacity), 0) AS capacity, "
        "COALESCE(SUM(CASE WHEN claims > 0 THEN 1 ELSE 0 END), 0) AS busy, "
        "COALESCE(SUM(CASE WHEN claims > capacity THEN 1 ELSE 0 END), 0) AS over FROM agents"
    )[0]


def _work(transaction: Transaction, where: str = "", *values: Any) -> dict[str, int]:
    rows = transaction.rows(f"SELECT status, COUNT(*) AS n FROM work {where} GROUP BY status", values)  # noqa: S608 - constants
    return dict.fromkeys(("open", "claimed", "done", "failed"), 0) | {row["status"]: row["n"] for row in rows}


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
