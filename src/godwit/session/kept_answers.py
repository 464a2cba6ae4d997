"""Writes down, for people, what either side answered to a probe whose check did not pass; it compares nothing."""

from collections.abc import Sequence

from godwit.session.world import World
from godwit.verdict import Answer

_MOST = 20_000


def keep_answers(world: World, probe: str, baseline: Sequence[Answer], candidate: Sequence[Answer]) -> None:
    """Write `answers/<phase>/<probe>.txt`: every request with both answers, bodies cut where they are long."""
    path = world.out / "answers" / (world.events.phase or "start") / f"{probe}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    pairs = zip(baseline, candidate, strict=False)
    shown = [f"{one.request}\n\n{_shown('baseline', one)}\n\n{_shown('candidate', other)}" for one, other in pairs]
    path.write_text(world.mask("\n\n".join(shown) + "\n"), encoding="utf-8", errors="backslashreplace")


def _shown(side: str, answer: Answer) -> str:
    if answer.status == 0:
        return f"--- {side}: no answer: {answer.error}"
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    body = answer.body[:_MOST].decode(errors="backslashreplace")
    cut = f"\n… and {len(answer.body) - _MOST} bytes more" if len(answer.body) > _MOST else ""
    return f"--- {side}: {answer.status} in {answer.seconds * 1000:.1f} ms\n{head}\n\n{body}{cut}"
