"""The store of secrets: one encrypted file, its key elsewhere, both for the owner only; never prints a secret."""

import json
import os
import stat
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from . import durable
from .places import Home
from .refusals import RefusedError

OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_key(home: Home) -> bytes:
    """The key, made when there is none yet."""
    if not home.key.exists():
        durable.write(home.key, Fernet.generate_key())
    return read_key(home)


def read_key(home: Home) -> bytes:
    """The key; RefusedError when it is missing or others may read it."""
    return _closed(home.key, "the key")


def seal(key: bytes, content: bytes) -> bytes:
    """The content, encrypted and authenticated."""
    return Fernet(key).encrypt(content)


def unseal(key: bytes, content: bytes, name: str) -> bytes:
    """What was sealed; RefusedError when it was changed or sealed with another key."""
    try:
        return Fernet(key).decrypt(content)
    except (InvalidToken, ValueError):
        raise RefusedError("bad-credentials", f"{name}: was changed, or belongs to another key") from None


class CredentialStore:
    """Secrets by name."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def names(self) -> list[str]:
        """What is there, without the secrets."""
        return sorted(self.read())

    def read(self) -> dict[str, str]:
        """All secrets by name; RefusedError when the store cannot be read, nothing when there is none."""
        if not self._home.credentials.exists():
            return {}
        sealed = _closed(self._home.credentials, "the credential store")
        plain = unseal(read_key(self._home), sealed, str(self._home.credentials))
        return {str(name): str(secret) for name, secret in json.loads(plain).items()}

    def replace(self, secrets: dict[str, str]) -> None:
        """These secrets and no others."""
        plain = json.dumps(secrets, sort_keys=True).encode()
        durable.write(self._home.credentials, seal(make_key(self._home), plain))


def _closed(path: Path, what: str) -> bytes:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise RefusedError("no-credentials", f"{path}: {what} is missing; restore it from where you keep it") from None
    if mode & OPEN_TO_OTHERS and os.name == "posix":
        raise RefusedError("open-credentials", f"{path}: others may read {what}; run chmod 600 on it")
    return path.read_bytes()
