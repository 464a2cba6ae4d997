"""Sets flags from outside a stack: in its environment, in a file, over HTTP; puts whole sets of keys and judges nothing."""

import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx

from godwit.plan import FlagControl, read_document, yaml_text
from godwit.verdict import GodwitError, StackError


class RefusedError(GodwitError):
    """The stack answered that it does not take these values."""


class Control(Protocol):
    """One way to set flags. What was put before and is not put again is withdrawn."""

    def put(self, values: Mapping[str, Any]) -> None:
        """Have exactly these keys set; raises RefusedError when the stack refuses, GodwitError when it cannot be done."""
        ...

    def trouble(self, kind: str) -> Any:
        """A context in which the source has this trouble; afterwards it holds what was put."""
        ...


def as_text(value: Any) -> str:
    """A value as it is written where there are texts only: `true`, `a,b`, `null`, or JSON."""
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    return value if isinstance(value, str) else json.dumps(value)


class EnvironmentControl:
    """Variables of a stack, in force after its restart; `restart` is called only when one of them changed."""

    def __init__(self, variables: MutableMapping[str, str], restart: Callable[[], None]) -> None:
        self._variables = variables
        self._restart = restart
        self._put: dict[str, str] = {}
        self._is_in_force = True

    def put(self, values: Mapping[str, Any]) -> None:
        """Set the variables and restart the stack; what it then says (StackError) is the caller's to judge."""
        wanted = {name: as_text(value) for name, value in values.items()}
        if wanted == self._put and self._is_in_force:
            return
        for name in self._put:
            self._variables.pop(name, None)
        self._variables.update(wanted)
        self._put, self._is_in_force = wanted, False
        self._restart()
        self._is_in_force = True

    def trouble(self, kind: str) -> Any:
        """None: an environment is always there."""
        raise GodwitError(f"an environment cannot be {kind}")


class FileControl:
    """Keys in a file that the stack watches. Other keys of the file stay, and every change replaces the file as a whole."""

    def __init__(self, path: Path, form: str) -> None:
        self._path, self._form = path, form
        self._put: dict[str, Any] = {}
        self._original: str | None = None
        self._written = ""

    def put(self, values: Mapping[str, Any]) -> None:
        """Write the file with these keys (dotted: tables) in it, over what stood in it at first.

        Where somebody else has replaced the file since, over what stands in it now.
        """
        found = self._path.read_text(encoding="utf-8") if self._path.exists() else ""
        if self._original is None or found != self._written:
            self._original = found
        self._put = dict(values)
        self._written = self._text()
        replace_file(self._path, self._written.encode())

    @contextmanager
    def trouble(self, kind: str) -> Iterator[None]:
        """Take the file away, or leave half of it."""
        try:
            if kind == "missing":
                self._path.unlink()
            else:
                whole = self._path.read_bytes()
                # In place, as a careless writer would; the brackets keep half a YAML file from being a whole one.
                self._path.write_bytes(whole[: len(whole) // 2] + (b"\n[\n{" if self._form == "yaml" else b""))
            yield
        finally:
            replace_file(self._path, self._text().encode())

    def _text(self) -> str:
        original = self._original or ""
        if self._form == "env":
            return with_variables(original, {key: as_text(value) for key, value in self._put.items()})
        whole = with_keys(self._document(original), self._put)
        return yaml_text(whole) if self._form == "yaml" else json.dumps(whole, indent=2, ensure_ascii=False) + "\n"

    def _document(self, text: str) -> dict[str, Any]:
        try:
            found = read_document(text) if text.strip() else {}
        except ValueError as error:
            raise GodwitError(f"{self._path}: {error}; godwit sets keys only in a file that it can read") from None
        if not isinstance(found, dict):
            raise GodwitError(f"{self._path}: it holds no keys, but {type(found).__name__}")
        return found


class HttpControl:
    """Keys that are put to a path of the stack as one JSON object. `defaults` are put where a key cannot be withdrawn.

    Its `put` raises StackError for an answer of 5xx, or none.
    """

    def __init__(self, url: str, control: FlagControl, defaults: Mapping[str, Any], *, timeout_s: float = 10.0) -> None:
        self._url = f"{url.rstrip('/')}{control.path}"
        self._withdraw = control.withdraw or "default"
        self._defaults = defaults
        self._timeout_s = timeout_s
        self._put: set[str] = set()

    def put(self, values: Mapping[str, Any]) -> None:
        """Put the values, and withdraw what was put before and is not among them."""
        gone = self._put - values.keys()
        body = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
        if self._withdraw == "default":
            body |= {key: self._defaults[key] for key in gone if key in self._defaults}
        elif self._withdraw == "null":
            body |= dict.fromkeys(gone)
        else:
            for key in sorted(gone):
                self._ask("DELETE", f"{self._url}/{key}")
        stays = self._put - (gone if self._withdraw == "delete" else set())
        self._put = stays | set(values)
        if body:
            try:
                self._ask("PUT", self._url, body)
            except RefusedError:
                self._put = stays  # what is refused as a whole was never there, and is not to be withdrawn
                raise
        self._put = set(values)

    def trouble(self, kind: str) -> Any:
        """None: what the stack itself offers is down only with the stack."""
        raise GodwitError(f"an admin path cannot be {kind}")

    def _ask(self, method: str, url: str, body: Any = None) -> None:
        try:
            with httpx.Client(verify=url.startswith("https:"), trust_env=False, timeout=self._timeout_s) as client:
                answer = client.request(method, url, json=body)
        except httpx.HTTPError as error:
            raise StackError(f"{method} {url}: no answer: {str(error) or type(error).__name__}") from error
        if 400 <= answer.status_code < 500:
            raise RefusedError(f"{method} {url} answered {answer.status_code}: {answer.text[:200]}")
        if not 200 <= answer.status_code < 300:
            raise StackError(f"{method} {url} answered {answer.status_code}: {answer.text[:200]}")


def with_keys(document: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    """A document with dotted keys set in it; the document itself stays as it was.

    >>> with_keys({"a": {"b": 1}}, {"a.c": True, "d.e": [2]})
    {'a': {'b': 1, 'c': True}, 'd': {'e': [2]}}
    """
    made: dict[str, Any] = json.loads(json.dumps(document))
    for key, value in keys.items():
        *tables, last = key.split(".")
        table = made
        for name in tables:
            inner = table.get(name)
            table[name] = table = inner if isinstance(inner, dict) else {}
        table[last] = list(value) if isinstance(value, tuple) else value
    return made


def with_variables(text: str, variables: Mapping[str, str]) -> str:
    """The text of an environment file with these variables set in it, at its end; its other lines stay.

    >>> with_variables("A=1\\nB=2", {"A": "x y"})
    'B=2\\nA="x y"\\n'
    """
    kept = [
        line for line in text.splitlines() if line.partition("=")[0].split()[-1:] not in [[name] for name in variables]
    ]
    quoted = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in variables.items()}
    return "".join(f"{line}\n" for line in (*kept, *(f'{name}="{value}"' for name, value in quoted.items())))


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that no reader ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    draft.replace(path)
