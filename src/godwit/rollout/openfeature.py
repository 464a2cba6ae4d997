"""Sets flags for OpenFeature: writes the document that flagd's provider watches, and reads it back through the SDK."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from godwit.rollout.controls import replace_file
from godwit.verdict import GodwitError, HarnessError

_DOMAIN = "godwit"
"""OpenFeature's name for clients that share a provider."""


class FlagdControl:
    """Flags in the JSON document of flagd, each enabled with one variant that everybody gets."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._put: dict[str, Any] = {}

    def put(self, values: Mapping[str, Any]) -> None:
        """Write the document with exactly these flags; HarnessError when OpenFeature's own provider reads it otherwise."""
        self._put = dict(values)
        replace_file(self._path, flagd_document(values).encode())
        if wrong := {key: read for key, read in resolved(self._path, values).items() if read != _listed(values[key])}:
            raise HarnessError(f"{self._path}: flagd's provider reads {wrong!r} where {self._put!r} was written")

    @contextmanager
    def trouble(self, kind: str) -> Iterator[None]:
        """Take the document away, or leave half of it."""
        try:
            if kind == "missing":
                self._path.unlink()
            else:
                whole = self._path.read_bytes()
                self._path.write_bytes(whole[: len(whole) // 2])
            yield
        finally:
            replace_file(self._path, flagd_document(self._put).encode())


def flagd_document(values: Mapping[str, Any]) -> str:
    """The document of flags in flagd's JSON; `flags` is there even if it is empty.

    >>> flagd_document({"fast": True}).replace(" ", "").replace("\\n", "")
    '{"flags":{"fast":{"state":"ENABLED","variants":{"set":true},"defaultVariant":"set"}}}'
    """
    flags = {
        key: {"state": "ENABLED", "variants": {"set": _listed(value)}, "defaultVariant": "set"}
        for key, value in values.items()
    }
    return json.dumps({"flags": flags}, indent=1, ensure_ascii=False)


def resolved(path: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    """What flagd's provider makes of each flag in a file, asked for by the type of its value here.

    Values of types that OpenFeature does not have (null) are left out: no client can ask for them.
    GodwitError if the SDK is not installed or does not take the file.
    """
    with _client(path) as client:
        return {key: _asked(client, key, value) for key, value in values.items() if value is not None}


def chosen(path: Path, key: str, users: Iterable[Mapping[str, str]]) -> list[str]:
    """The text that a flag of a file has for each user, by `user`, who is the targeting key, and other attributes.

    GodwitError if the flag is not there, is no text, or cannot be worked out for a user.
    """
    with _client(path) as client:
        from openfeature.evaluation_context import EvaluationContext

        answers = []
        for user in users:
            more = {name: text for name, text in user.items() if name != "user"}
            found = client.get_string_details(key, "", EvaluationContext(user.get("user"), more))
            if found.error_code is not None:
                raise GodwitError(f"{path}: flag {key}: {found.error_code.value}: {found.error_message or 'no text'}")
            answers.append(str(found.value))
        return answers


@contextmanager
def _client(path: Path) -> Iterator[Any]:
    """A client of the SDK whose provider reads this file."""
    try:
        from openfeature import api
        from openfeature.contrib.provider.flagd import FlagdProvider
        from openfeature.contrib.provider.flagd.config import ResolverType
        from openfeature.exception import OpenFeatureError
        from openfeature.provider.no_op_provider import NoOpProvider
    except ImportError:
        raise GodwitError("OpenFeature is not installed: pip install 'pytest-godwit[openfeature]'") from None
    provider = FlagdProvider(resolver_type=ResolverType.FILE, offline_flag_source_path=str(path))
    try:
        api.set_provider_and_wait(provider, _DOMAIN)
        yield api.get_client(_DOMAIN)
    except OpenFeatureError as error:
        raise GodwitError(f"{path}: flagd's provider does not take it: {error}") from None
    finally:
        api.set_provider(NoOpProvider(), _DOMAIN)  # which shuts the other one down


def _asked(client: Any, key: str, value: Any) -> Any:
    """The value of one flag, asked for with a default that is another one."""
    if isinstance(value, bool):
        return client.get_boolean_value(key, not value)
    if isinstance(value, int):
        return client.get_integer_value(key, value + 1)
    if isinstance(value, float):
        return client.get_float_value(key, value + 1.0)
    if isinstance(value, str):
        return client.get_string_value(key, value + "?")
    return client.get_object_value(key, [None])


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
