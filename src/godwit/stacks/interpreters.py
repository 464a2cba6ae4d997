"""Which Python runs a process stack: the run's own, one at a path, or an environment made from requirements."""

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
from pathlib import Path

from godwit.plan import Interpreter
from godwit.stacks.owners import cache_dir
from godwit.verdict import StackError


def python_for(wanted: Interpreter, plan_dir: Path, default: str) -> str:
    """The path of an interpreter; makes its environment if there is none yet. Raises StackError when that fails."""
    python = _at(wanted.path, plan_dir) if wanted.path else default
    return _environment(python, wanted.requirements, plan_dir) if wanted.requirements else python


def _at(path: str, plan_dir: Path) -> str:
    found = shutil.which(str(plan_dir / path)) or shutil.which(path)
    if found is None:
        raise StackError(
            f"no Python at {path!r} (looked in {plan_dir} and on PATH); correct drivers.process.python.path"
        )
    return found


def _arguments(requirements: tuple[str, ...], plan_dir: Path) -> tuple[list[str], str]:
    """Words for pip, and what they stand for: a requirement that names a file counts with the file's content."""
    words, meaning = [], []
    for requirement in requirements:
        path = plan_dir / requirement
        is_list = requirement.endswith(".txt") and path.is_file()
        words += ["-r", str(path)] if is_list else [requirement]
        meaning.append(path.read_text() if is_list else requirement)
    return words, "\n".join(meaning)


def _environment(python: str, requirements: tuple[str, ...], plan_dir: Path) -> str:
    words, meaning = _arguments(requirements, plan_dir)
    version = _run([python, "-c", "import sys; print(sys.version, sys.base_prefix)"], plan_dir, "ask its version")
    key = hashlib.sha256(f"{version}\n{meaning}".encode()).hexdigest()[:16]
    folder = cache_dir() / "environments" / key
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run([python, "-m", "venv", str(folder)], plan_dir, "make a virtual environment")
            extra = shlex.split(os.environ.get("GODWIT_PIP_ARGS", ""))
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            _run([*pip, *extra, *words], plan_dir, f"install {' '.join(requirements)}")
            (folder / "complete").touch()
    return str(folder / "bin" / "python")


def _run(words: list[str], cwd: Path, purpose: str) -> str:
    try:
        done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    except OSError as error:
        raise StackError(f"could not {purpose}: {words[0]}: {error.strerror}") from None
    if done.returncode != 0:
        tail = "\n".join(f"    {line}" for line in (done.stdout + done.stderr).splitlines()[-20:])
        raise StackError(f"could not {purpose}\n  tried: {shlex.join(words)}\n  exit code {done.returncode}\n{tail}")
    return done.stdout
