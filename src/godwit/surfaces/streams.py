"""The door to streams of events; what listens is imported when something is listened to, and nothing is compared."""

from collections.abc import Callable, Mapping

from godwit.verdict import Heard


def listen(
    url: str,
    stimulus: Callable[[], None],
    *,
    headers: Mapping[str, str] | None = None,
    quiet_s: float = 1.0,
    within_s: float = 10.0,
) -> Heard:
    """Open a stream, do the stimulus, and listen until nothing came for `quiet_s`, or `within_s` are over.

    A stream that cannot be opened, is no event stream, or breaks off has `trouble`; what had come by then is kept.
    """
    import asyncio

    from godwit.surfaces.events import Listener

    return asyncio.run(Listener(url, dict(headers or {})).heard(stimulus, quiet_s, within_s))
