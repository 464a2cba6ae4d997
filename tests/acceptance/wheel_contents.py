"""Compares what an installed godwit brought with a golden list; run by `python -I`, which cannot see the clone."""

import sys
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

GOLDEN = Path(__file__).with_name("wheel_contents.txt")


def summary(names: Iterable[str]) -> list[str]:
    """One line for the Python files of each folder, one line for every other file; without metadata and scripts."""
    kept = [name for name in names if not name.startswith(("../", "pytest_godwit-")) and not name.endswith(".pyc")]
    folders = {f"{name.rpartition('/')[0]}/*.py" for name in kept if name.endswith(".py")}
    return sorted(folders | {name for name in kept if not name.endswith(".py")})


def main(words: list[str]) -> int:
    """Exit code 0 when the lists agree; with --update-golden, write the list instead."""
    files = distribution("pytest-godwit").files
    if not files:
        print("wheel: no record of installed files; is godwit installed from a wheel?", file=sys.stderr)
        return 1
    found = summary(file.as_posix() for file in files)
    if "--update-golden" in words:
        GOLDEN.write_text("\n".join(found) + "\n", encoding="utf-8")
        return 0
    wanted = GOLDEN.read_text(encoding="utf-8").splitlines() if GOLDEN.exists() else []
    for name in sorted(set(wanted) - set(found)):
        print(f"wheel: missing {name}", file=sys.stderr)
    for name in sorted(set(found) - set(wanted)):
        print(f"wheel: not expected {name}", file=sys.stderr)
    print(f"wheel: {len(found)} entries, golden list {'agrees' if wanted == found else 'differs'}")
    return int(wanted != found)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
