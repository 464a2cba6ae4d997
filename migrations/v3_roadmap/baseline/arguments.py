"""What the commands of V2 take: every value is checked before an application sees it; decides nothing else."""

from typing import Any

from v3_roadmap.baseline.refusals import Refused

TEXT = "a text of 1 to 200 characters"
OPTIONAL_TEXT = f"{TEXT}, or nothing"
OUTCOME = "success or failure"
STATUS = "open, claimed, done or failed, or nothing"
WHOLE = {"capacity": (1, 100), "priority": (1, 5), "percent": (0, 100)}
DEFAULTS: dict[str, dict[str, Any]] = {"register-agent": {"capacity": 1}, "add-work": {"priority": 3}}

TAKEN: dict[str, dict[str, str]] = {
    "register-agent": {"agent": TEXT, "team": TEXT, "capacity": "whole", "specialization": OPTIONAL_TEXT},
    "heartbeat": {"agent": TEXT},
    "agent-status": {"agent": TEXT},
    "list-agents": {"team": OPTIONAL_TEXT},
    "set-capacity": {"agent": TEXT, "capacity": "whole"},
    "deregister-agent": {"agent": TEXT},
    "add-work": {"type": TEXT, "description": TEXT, "team": TEXT, "priority": "whole"},
    "claim-work": {"agent": TEXT},
    "progress-work": {"agent": TEXT, "work": TEXT, "percent": "whole"},
    "complete-work": {"agent": TEXT, "work": TEXT, "outcome": OUTCOME},
    "release-work": {"agent": TEXT, "work": TEXT},
    "list-work": {"team": OPTIONAL_TEXT, "status": STATUS},
    "team-report": {"team": TEXT},
    "health-score": {},
    "dashboard": {},
}


def checked(command: str, given: Any) -> dict[str, Any]:
    """All arguments of a command, missing optional ones as None; raises Refused."""
    if not isinstance(given, dict):
        raise Refused(422, "invalid_arguments", "body: a JSON object with the arguments is wanted", ["body"])
    taken = TAKEN[command]
    values = dict.fromkeys(taken) | DEFAULTS.get(command, {}) | given
    wrong = sorted(name for name in values if name not in taken or not _fits(name, taken[name], values[name]))
    if wrong:
        wanted = taken.get(wrong[0])
        what = f"{_range(wrong[0]) if wanted == 'whole' else wanted} is wanted" if wanted else "is not taken"
        raise Refused(422, "invalid_arguments", f"{wrong[0]}: {what}", wrong)
    return values


def _fits(name: str, kind: str, value: Any) -> bool:
    if kind == "whole":
        low, high = WHOLE[name]
        return type(value) is int and low <= value <= high
    if kind == OUTCOME:
        return value in {"success", "failure"}
    if kind == STATUS:
        return value in {None, "open", "claimed", "done", "failed"}
    return (value is None and kind == OPTIONAL_TEXT) or (isinstance(value, str) and _is_text(value))


def _is_text(value: str) -> bool:
    return 1 <= len(value) <= 200 and "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _range(name: str) -> str:
    return "a whole number from {} to {}".format(*WHOLE[name])
