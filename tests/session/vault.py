"""A small encrypted store of secrets for the tests, with ways to be careless; it is no cryptography to copy."""

import hashlib
import hmac
import json
import sys
from pathlib import Path


def stream(key: bytes, length: int) -> bytes:
    """Bytes that only the key makes."""
    return b"".join(hashlib.sha256(key + bytes([number])).digest() for number in range(length // 32 + 1))[:length]


def sealed(key: bytes, content: bytes) -> bytes:
    """The content with its seal, hidden by the key."""
    hidden = bytes(one ^ other for one, other in zip(content, stream(key, len(content)), strict=True))
    return hmac.digest(key, hidden, "sha256") + hidden


def opened(key: bytes, content: bytes) -> bytes:
    """What was sealed; ends the program when the seal is not of this key."""
    hidden = content[32:]
    if not hmac.compare_digest(hmac.digest(key, hidden, "sha256"), content[:32]):
        sys.exit("not sealed with this key")
    return bytes(one ^ other for one, other in zip(hidden, stream(key, len(hidden)), strict=True))


def main() -> None:
    """`seal HOME FILE` takes the lines NAME=VALUE of a file in; `get HOME NAME CARELESS` prints one."""
    deed, home = sys.argv[1], Path(sys.argv[2])
    if deed == "seal":
        lines = (line.split("=", 1) for line in Path(sys.argv[3]).read_text().split())
        (home / "key").write_text(hashlib.sha256(b"seed").hexdigest())
        (home / "store").write_bytes(sealed((home / "key").read_bytes(), json.dumps(dict(lines)).encode()))
        for name in ("key", "store"):
            (home / name).chmod(0o600)
        return
    careless = sys.argv[4]
    key = home / "key"
    if not key.exists() and careless == "fall-back":
        sys.stdout.write((home / "cache" / sys.argv[3]).read_text())
        return
    value = json.loads(opened(key.read_bytes(), (home / "store").read_bytes()))[sys.argv[3]]
    sys.stdout.write(f"the secret is {value}" if careless == "chatty" else value[:8] if careless == "cut" else value)


if __name__ == "__main__":
    main()
