"""Chooses the engine that serves a user, by the flags in force and nothing else: same user, same flags, same side."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from orchestration_v2.gateway.flags import Flags

BUCKETS = 10_000
FEEDBACK = "feedback:"


@dataclass(frozen=True, slots=True)
class UserContext:
    """Who asks; both may be unknown."""

    user_id: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class V1OrchestrationEngine:
    """The baseline."""

    url: str
    label: str = "v1"
    side: str = "baseline"


@dataclass(frozen=True, slots=True)
class V2OrchestrationEngine:
    """The candidate."""

    url: str
    label: str = "v2"
    side: str = "candidate"


Engine = V1OrchestrationEngine | V2OrchestrationEngine


@dataclass(frozen=True, slots=True)
class Selection:
    """What the selector chooses between, and by which flags."""

    flags: Callable[[], Flags]
    baseline: V1OrchestrationEngine
    candidate: V2OrchestrationEngine


_selection: list[Selection] = []


def configure(selection: Selection) -> None:
    """Says what get_orchestration_runtime chooses between; once per process, the last call counts."""
    _selection[:] = [selection]


def selection() -> Selection:
    """What was configured; raises RuntimeError before that."""
    if not _selection:
        raise RuntimeError("the runtime selector is not configured; call configure first")
    return _selection[0]


def feature_flag(name: str, user_context: UserContext) -> bool:
    """Whether a boolean flag holds for this user; raises KeyError for a name that is no boolean flag."""
    flags = selection().flags()
    if name == "use_v2_orchestration":
        return flags.use_v2_orchestration and (
            is_enabled_team(user_context.team, flags.v2_enabled_teams)
            or is_in_share(user_context.user_id, flags.v2_user_percentage)
        )
    if name == "fallback_to_v1":
        return flags.fallback_to_v1
    raise KeyError(name)


def get_orchestration_runtime(user_context: UserContext) -> Engine:
    """The engine that serves this user now."""
    if feature_flag("use_v2_orchestration", user_context):
        return selection().candidate
    return selection().baseline


def is_enabled_team(team: str | None, enabled: tuple[str, ...]) -> bool:
    """Whether the user's team was moved as a whole."""
    return team is not None and team in enabled


def asked_for_feedback(user_context: UserContext, percentage: int) -> bool:
    """Whether the user is asked for feedback; other users than those who are moved first, as the salt differs."""
    return is_in_share(user_context.user_id, percentage, FEEDBACK)


def is_in_share(user_id: str | None, percentage: int, salt: str = "") -> bool:
    """Whether the user belongs to the share; a user without id does at 100 percent only."""
    if user_id is None:
        return percentage == 100
    return bucket(user_id, salt) * 100 < percentage * BUCKETS


def bucket(user_id: str, salt: str = "") -> int:
    """The user's place among 10,000, by SHA-256: the same in every process, and even over many users."""
    return int.from_bytes(hashlib.sha256((salt + user_id).encode("utf-8", "surrogatepass")).digest()[:8]) % BUCKETS
