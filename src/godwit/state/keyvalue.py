"""Reads the keys of a Redis store with their types, values and moments of expiry; writes nothing, and judges nothing."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from godwit.verdict import HarnessError, StoredKey

_CHUNK = 500
_SHOWN = 120


def read_keys(url: str, match: str) -> dict[str, StoredKey]:
    """The keys that a pattern of Redis means, by name; signs that are no UTF-8 are written as `\\xff`.

    Keys that expire while they are read are left out. HarnessError when the store cannot be read.
    """
    try:
        import redis
    except ImportError:
        raise HarnessError(
            "reading a Redis store needs the package redis: pip install 'pytest-godwit[redis]'"
        ) from None
    try:
        with redis.Redis.from_url(url, socket_timeout=30, socket_connect_timeout=10) as client:
            return dict(_read(client, match))
    except (redis.RedisError, ValueError, OSError) as error:
        raise HarnessError(f"{url.rpartition('@')[2]}: {error}") from None


def _read(client: Any, match: str) -> Iterator[tuple[str, StoredKey]]:
    names = iter(sorted(set(client.scan_iter(match=match, count=_CHUNK))))
    while chunk := list(islice(names, _CHUNK)):
        first = client.pipeline(transaction=True)
        for name in chunk:
            first.type(name)
            first.pttl(name)
        first.time()
        *told, (seconds, micros) = first.execute()
        now_ms = seconds * 1000 + micros // 1000
        kinds = [kind.decode() for kind in told[::2]]
        values = _values(client, chunk, kinds)
        for name, kind, left_ms, value in zip(chunk, kinds, told[1::2], values, strict=True):
            if kind != "none" and left_ms != -2 and value is not None:
                yield _text(name), _stored(kind, value, None if left_ms < 0 else now_ms + left_ms)


def _values(client: Any, names: Sequence[bytes], kinds: Sequence[str]) -> list[Any]:
    asked = client.pipeline(transaction=True)
    for name, kind in zip(names, kinds, strict=True):
        match kind:
            case "string" | "none":
                asked.get(name)
            case "hash":
                asked.hgetall(name)
            case "list":
                asked.lrange(name, 0, -1)
            case "set":
                asked.smembers(name)
            case "zset":
                asked.zrange(name, 0, -1, withscores=True)
            case "stream":
                asked.xrange(name)
            case _:
                asked.dump(name)
    return list(asked.execute())


def _stored(kind: str, value: Any, expires_ms: int | None) -> StoredKey:
    items = value
    if isinstance(value, dict | set):
        items = sorted(value.items() if isinstance(value, dict) else value)
    shown = _told(items)
    count = len(items) if isinstance(items, list) else 1
    digest = hashlib.sha256(repr(items).encode()).hexdigest()
    return StoredKey(kind, digest, shown[:_SHOWN], count, expires_ms)


def _told(value: Any) -> str:
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_told(item) for item in value[:20])}]"
    return str(value)


def _text(name: bytes) -> str:
    return name.decode(errors="backslashreplace")
