"""Has secrets read with their key, without it and with others, on copies, and looks for them in plain; shows none."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from godwit.checks import judge_opened, judge_plain, judge_private, judge_shut, means
from godwit.plan import SecretStore, masked
from godwit.session.hiding import spellings
from godwit.session.world import World
from godwit.stacks import fill, fill_text, ownership
from godwit.state import SHORTEST, files_at, is_spilled, plain_secrets, read_tree
from godwit.surfaces import format_of, read_config, run_command
from godwit.verdict import Ended, HarnessError, Judgement, Opening, inconclusive


@dataclass(frozen=True, slots=True)
class _Key:
    """What a store is opened with: its folder and the environment, and in words what was done to them."""

    home: Path
    env: Mapping[str, str]
    how: str = ""


class Secrets:
    """Secrets of the plan. What a command prints of them is compared and dropped; no log keeps it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._copies = 0

    def opened(self, store: SecretStore) -> Judgement:
        """Whether each secret is read with its key, exactly as it was."""
        key = _Key(self._home(store), self._env(store))
        return judge_opened([self._try(store, key, name, value) for name, value in self._values(store).items()])

    def shut(self, store: SecretStore) -> Judgement:
        """Whether no secret is read from a copy of the store without its key, or with another one."""
        if not store.key_files and not store.key_env:
            return inconclusive(f"secrets {store.id}: key_files and key_env name nothing that could be taken away")
        values = self._values(store)
        keys = list(self._keys(store))
        return judge_shut([self._try(store, key, name, value) for key in keys for name, value in values.items()])

    def private(self, store: SecretStore) -> Judgement:
        """Whether only its owner may read the store and its key."""
        return judge_private(read_tree(self._home(store)), store.private)

    def nowhere(self, store: SecretStore) -> Judgement:
        """Whether no secret lies in plain in what the plan names, archives included."""
        values = self._values(store)
        source = self._world.folder(store.source.file)
        if {hit.key for hit in plain_secrets([source], values)} != values.keys():
            return inconclusive(f"not even {source} shows every secret to the search, so it would find none elsewhere")
        places = {**self._world.places.outside, "out": str(self._world.out.resolve())}
        found = {pattern: files_at(fill_text(pattern, places)) for pattern in store.nowhere}
        empty = [pattern for pattern, files in found.items() if not files]
        if empty:
            return inconclusive(f"no file lies where nowhere points: {', '.join(empty)}")
        excepted = {file for pattern in store.except_for for file in files_at(fill_text(pattern, places))}
        files = sorted({file for files in found.values() for file in files} - excepted)
        return judge_plain(plain_secrets(files, values), len(files), list(values))

    def _home(self, store: SecretStore) -> Path:
        home = self._world.folder(store.home)
        if not home.is_dir():
            raise HarnessError(f"secrets {store.id}: home is {home}, and there is no such folder")
        return home

    def _env(self, store: SecretStore) -> dict[str, str]:
        own = {name: fill_text(text, self._world.places.outside) for name, text in store.env.items()}
        return {**self._world.environ("candidate"), **own}

    def _values(self, store: SecretStore) -> dict[str, str]:
        """The secrets by their name in the store, read from where they lie open."""
        file = self._world.folder(store.source.file)
        if not file.is_file():
            raise HarnessError(f"secrets {store.id}: source.file is {file}, and there is no such file")
        try:
            said = read_config(file.read_bytes(), format_of(file, store.source.format))
        except ValueError as error:
            raise HarnessError(f"secrets {store.id}: {file} cannot be read: {error}") from None
        values = {store.names.get(key, key): _at(said, key) for key in store.source.keys}
        short = [key for key, value in values.items() if not isinstance(value, str) or len(value) < SHORTEST]
        if short:
            raise HarnessError(
                f"secrets {store.id}: {file} has no secret of {SHORTEST} characters or more under {', '.join(short)}"
            )
        return {key: str(value) for key, value in values.items()}

    def _keys(self, store: SecretStore) -> Iterator[_Key]:
        env = self._env(store)
        yield _Key(self._copy(store), env)
        if store.key_files:
            for how, change in (("without its key", Path.unlink), ("with another key", _shift_file)):
                home = self._copy(store)
                for path in self._key_files(store, home):
                    change(path)
                yield _Key(home, env, how)
        for name in store.key_env:
            yield _Key(self._copy(store), {it: text for it, text in env.items() if it != name}, f"without {name}")
            yield _Key(
                self._copy(store), {**env, name: _shifted(env.get(name, "").encode()).decode()}, f"with another {name}"
            )

    def _key_files(self, store: SecretStore, home: Path) -> list[Path]:
        files = [path for path, entry in read_tree(home).items() if entry.kind == "file"]
        idle = [it for it in store.key_files if not any(means(it, path) for path in files)]
        if idle:
            raise HarnessError(f"secrets {store.id}: key_files means no file in {home}: {', '.join(idle)}")
        return [home / path for path in files if any(means(it, path) for it in store.key_files)]

    def _copy(self, store: SecretStore) -> Path:
        self._copies += 1
        place = self._world.work.resolve() / "copies" / f"secrets-{store.id}-{self._copies}"
        shutil.copytree(self._home(store), place, symlinks=True)
        return place

    def _try(self, store: SecretStore, key: _Key, name: str, value: str) -> Opening:
        places = {**self._world.places.outside, "key": name, "home": str(key.home)}
        result = run_command(
            fill(store.read, places),
            cwd=self._world.plan.directory.parent,
            env={**key.env, **ownership()},
            timeout_s=store.timeout_s,
        )
        hidden = spellings([value])
        ended = Ended(result.exit, masked(result.stdout, hidden), masked(result.stderr, hidden), result.timed_out)
        same = result.exit == 0 and result.stdout.removesuffix("\n").removesuffix("\r") == value
        return Opening(name, key.how, ended, same, is_spilled(result.stdout + result.stderr, [value]))


def _at(said: object, key: str) -> object:
    """The value of a plain key, or of a JSON Pointer."""
    for step in key.removeprefix("/").split("/") if key.startswith("/") else [key]:
        said = said.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(said, dict) else None
    return said


def _shift_file(path: Path) -> None:
    path.write_bytes(_shifted(path.read_bytes()))


def _shifted(content: bytes) -> bytes:
    """Another key of the same form: letters and digits become others of their kind, so that base64 and hex stay so."""
    table: dict[int, int] = {}
    for signs in (b"abcdef", b"ghijklmnopqrstuvwxyz", b"ABCDEF", b"GHIJKLMNOPQRSTUVWXYZ", b"0123456789"):
        table |= dict(zip(signs, signs[1:] + signs[:1], strict=True))
    shifted = bytes(table.get(sign, sign) for sign in content)
    return shifted if shifted != content else bytes(sign ^ 1 for sign in content)
