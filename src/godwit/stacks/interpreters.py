"""Which Python runs a stack: the run's own, one at a path, or an environment made from requirements, made once."""

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from godwit.plan import Interpreter
from godwit.stacks.owners import cache_dir
from godwit.verdict import StackError

# What this process was started with is not the plan's: Python's own switches, and those of tests and of godwit.
_NOT_INHERITED = ("PYTHON", "PYTEST_", "GODWIT_", "VIRTUAL_ENV", "__PYVENV")
_NOT_CONTENT = ("__pycache__", ".git", ".venv", "build", "*.egg-info", "*.pyc")
_PROJECT = ("pyproject.toml", "setup.py")


def inherited() -> dict[str, str]:
    """The environment that a stack's processes start from."""
    return {name: text for name, text in os.environ.items() if not name.startswith(_NOT_INHERITED)}


def python_for(wanted: Interpreter, plan_dir: Path, default: str, word: str = "process.python.path") -> str:
    """The path of an interpreter; makes its environment if there is none yet. Raises StackError when that fails.

    A requirement may name a list (`requirements.txt`), a project's folder, which is installed from a copy, or a folder
    that is none, which is put on the path as it is.
    """
    python = _at(wanted.path, plan_dir, word) if wanted.path else default
    return _environment(python, wanted.requirements, plan_dir) if wanted.requirements else python


def _at(path: str, plan_dir: Path, word: str) -> str:
    found = shutil.which(str(plan_dir / path)) or shutil.which(path)
    if found is None:
        raise StackError(f"no Python at {path!r} (looked in {plan_dir} and on PATH); correct drivers.{word}")
    return found


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement: how it is written, the words for the installer, what it means, and its folder if it is one."""

    text: str
    words: tuple[str, ...]
    meaning: str
    folder: Path | None = None

    @property
    def is_project(self) -> bool:
        """Whether it is a folder that has to be built."""
        return self.folder is not None and any((self.folder / name).is_file() for name in _PROJECT)


def requirement(text: str, plan_dir: Path) -> Requirement:
    """A requirement of the plan; one that names a file or a folder counts with what is in it."""
    path = plan_dir / text
    if text.endswith(".txt") and path.is_file():
        return Requirement(text, ("-r", str(path)), path.read_text(encoding="utf-8"))
    if path.is_dir() and ("/" in text or text in (".", "..")):
        found = Requirement(text, (), str(path.resolve()), path.resolve())
        return Requirement(text, (), _content(path), path.resolve()) if found.is_project else found
    if text.startswith((".", "/")) and not path.is_file():
        raise StackError(f"requirement {text!r}: there is no file or folder {path}")
    content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else text
    return Requirement(text, (str(path),) if path.is_file() else (text,), content)


def _content(folder: Path) -> str:
    """A digest of a folder's files, without what tools leave there."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(Path(part).match(pattern) for part in inside.parts for pattern in _NOT_CONTENT):
            digest.update(f"{inside}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _environment(python: str, requirements: tuple[str, ...], plan_dir: Path) -> str:
    wanted = [requirement(text, plan_dir) for text in requirements]
    version = _run([python, "-c", "import sys; print(sys.version, sys.base_prefix)"], plan_dir, "ask its version")
    meaning = "\n".join(each.meaning for each in wanted)
    key = hashlib.sha256(f"{version}\n{meaning}".encode()).hexdigest()[:16]
    folder = cache_dir() / "environments" / key
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _make(folder, python, wanted, plan_dir)
            (folder / "complete").touch()
    return str(folder / "bin" / "python")


def _make(folder: Path, python: str, wanted: Iterable[Requirement], plan_dir: Path) -> None:
    """A virtual environment with everything in it: by uv where there is one, which is quicker, else by venv and pip."""
    extra = shlex.split(os.environ.get("GODWIT_PIP_ARGS", ""))
    inside = str(folder / "bin" / "python")
    uv = None if extra else _uv()
    if uv:
        _run([uv, "venv", "-q", "--python", python, str(folder)], plan_dir, "make a virtual environment")
        install = [uv, "pip", "install", "-q", "--python", inside]
    else:
        _run([python, "-m", "venv", str(folder)], plan_dir, "make a virtual environment")
        install = [inside, "-m", "pip", "install", "-q", "--disable-pip-version-check", *extra]
    with tempfile.TemporaryDirectory() as scratch:
        words = [word for place, each in enumerate(wanted) for word in _words(each, Path(scratch) / str(place))]
        if words:
            _run([*install, *words], plan_dir, f"install {' '.join(each.text for each in wanted)}")
    plain = [str(each.folder) for each in wanted if each.folder and not each.is_project]
    if plain:
        site = _run(
            [inside, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], plan_dir, "ask its folder"
        )
        (Path(site.strip()) / "godwit-folders.pth").write_text("\n".join(plain) + "\n", encoding="utf-8")


def _uv() -> str | None:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.is_file() else shutil.which("uv")


def _words(wanted: Requirement, scratch: Path) -> tuple[str, ...]:
    """The installer's words; a project is built from a copy, as building writes into its folder."""
    if wanted.folder is None or not wanted.is_project:
        return wanted.words
    shutil.copytree(wanted.folder, scratch, ignore=shutil.ignore_patterns(*_NOT_CONTENT))
    return (str(scratch),)


def _run(words: list[str], cwd: Path, purpose: str) -> str:
    # uv trusts what the machine trusts, so that a company's proxy is no obstacle, and compiles as pip does.
    env = {"UV_SYSTEM_CERTS": "1", "UV_COMPILE_BYTECODE": "1", "UV_LINK_MODE": "copy", **os.environ}
    try:
        done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    except OSError as error:
        raise StackError(f"could not {purpose}: {words[0]}: {error.strerror}") from None
    if done.returncode != 0:
        tail = "\n".join(f"    {line}" for line in (done.stdout + done.stderr).splitlines()[-20:])
        raise StackError(f"could not {purpose}\n  tried: {shlex.join(words)}\n  exit code {done.returncode}\n{tail}")
    return done.stdout
