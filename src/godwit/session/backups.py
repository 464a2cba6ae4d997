"""Has backups made, verified, damaged and restored on copies, of stores and of folders; `checks` judges."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from godwit.checks import BackupDamage, judge_noticed, judge_plain, judge_same, judge_verified, means
from godwit.checks import DamageTry as Try
from godwit.plan import Backup
from godwit.session.files import compare_trees
from godwit.session.world import World
from godwit.state import (
    Store,
    chosen,
    clone,
    damage,
    plain_secrets,
    read_manifest,
    read_tree,
    verify_backup,
)
from godwit.verdict import Ended, HarnessError, Judgement, failed, inconclusive, judged

_LINE = 12
"""Shorter lines of an original stand by chance in other files."""
_LINES_AT_MOST = 400


@dataclass(frozen=True, slots=True)
class _Made:
    """A backup that was made for this, and what it is of: a folder, or the URL of a store."""

    folder: Path
    source: str


class Backups:
    """Backups of the plan. What is damaged or restored here is a copy in the run's folder."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made: dict[str, _Made] = {}
        self._count = 0
        self._at_backup: dict[str, Any] = {}

    def whole(self, backup: Backup) -> Judgement:
        """Whether the newest backup has a manifest that fits its files, and every file that must be there."""
        newest = _newest(self._world.folder(backup.directory), backup)
        if newest is None:
            return inconclusive(f"no backup lies under {backup.directory}")
        findings = verify_backup(newest, backup.manifest, backup.required, backup.words, backup.besides)
        return judged(findings, sum(not path.is_dir() for path in newest.rglob("*")), "files of the backup")

    def restored(self, backup: Backup) -> Judgement:
        """Whether a backup, restored where nothing is, gives back what it was made of."""
        made, target = self._make(backup), self._target(backup)
        self._world.must(backup.restore, backup.timeout_s, self._ends(made, made.folder, target))
        if backup.tree is None:
            return judge_same(_read(made.source), _read(target), "rows of the restored store")
        if not Path(target).is_dir():
            return failed(f"the restore ended well and left no folder {target}")
        return compare_trees(backup.tree, Path(made.source), Path(target))

    def verified(self, backup: Backup) -> Judgement:
        """Whether a whole backup is taken for whole, and is the same afterwards."""
        if backup.verify is None:
            return inconclusive(f"backup {backup.id} has no verify")
        made = self._make(backup)
        before = read_tree(made.folder)
        ended = self._run(backup.verify, backup, self._ends(made, made.folder, ""))
        after = read_tree(made.folder)
        return judge_verified(ended, {it: before[it].sha256 for it in before} == {it: after[it].sha256 for it in after})

    def noticed(self, backup_damage: BackupDamage) -> Judgement:
        """Whether the tool that verifies a backup refuses one that is damaged in a way."""
        backup = backup_damage.backup
        if backup.verify is None:
            return inconclusive(f"backup {backup.id} has no verify")
        made = self._make(backup)
        whole = self._run(backup.verify, backup, self._ends(made, self._copy(made), ""))
        tries = [
            Try(file, self._run(backup.verify, backup, self._ends(made, folder, "")))
            for file, folder in self._damaged(backup_damage, made)
        ]
        return judge_noticed(backup_damage.kind, whole, tries)

    def not_restored(self, restore_damage: BackupDamage) -> Judgement:
        """Whether a damaged backup is refused by the restore, which leaves nothing half done."""
        backup = restore_damage.backup
        made = self._make(backup)
        whole = self._run(backup.restore, backup, self._ends(made, self._copy(made), self._target(backup)))
        tries = []
        for file, folder in self._damaged(restore_damage, made):
            target = self._target(backup)
            ended = self._run(backup.restore, backup, self._ends(made, folder, target))
            tries.append(Try(file, ended, _left(target)))
        return judge_noticed(restore_damage.kind, whole, tries)

    def encrypted(self, backup: Backup) -> Judgement:
        """Whether the files that must be encrypted show no line of the originals."""
        if not backup.encrypted:
            return inconclusive(f"backup {backup.id} has no encrypted")
        made = self._make(backup)
        there = [path for path in read_tree(made.folder) if (made.folder / path).is_file()]
        idle = [pattern for pattern in backup.encrypted if not any(means(pattern, path) for path in there)]
        if idle:
            return inconclusive(f"backup {backup.id}: encrypted points at no file of it: {', '.join(idle)}")
        files = [made.folder / path for path in there if any(means(it, path) for it in backup.encrypted)]
        lines = dict(_lines(made.source, backup))
        if not lines:
            return inconclusive(f"the original has no line of {_LINE} signs or more to look for")
        return judge_plain(plain_secrets(files, lines), len(files), list(lines))

    def remember(self, backup: Backup) -> None:
        """Keep what the baseline held when a backup was made by a step."""
        if backup.tree is None:
            self._at_backup[backup.id] = _read(str(self._world.stack("baseline").store))
            return
        copy = self._fresh(f"at-{backup.id}")
        shutil.copytree(self._world.folder(backup.tree.of), copy, symlinks=True)
        self._at_backup[backup.id] = copy

    def as_backed_up(self, name: str) -> Judgement:
        """Whether the baseline holds exactly what it held when the backup was made."""
        if name not in self._at_backup:
            return inconclusive(f"no backup {name} was made in this run")
        state = self._world.plan.state
        backup = next(it for it in (state.backups if state else ()) if it.id == name)
        if backup.tree is not None:
            return compare_trees(backup.tree, self._at_backup[name], self._world.folder(backup.tree.of))
        now = _read(str(self._world.stack("baseline").store))
        return judge_same(self._at_backup[name], now, "rows of the restored baseline")

    def source(self, backup: Backup) -> str:
        """What `{source}` stands for in a backup's commands: its folder, or the baseline's store."""
        if backup.tree is not None:
            return str(self._world.folder(backup.tree.of))
        return self._world.stack("baseline").store or ""

    def _make(self, backup: Backup) -> _Made:
        """A backup made once, of a copy of the store, or of the folder itself."""
        if backup.id not in self._made:
            directory = self._fresh(f"backups-{backup.id}")
            source = self.source(backup)
            if backup.tree is None:
                copy = f"sqlite:///{self._fresh(f'backed-up-{backup.id}')}.db"
                clone(source, copy)
                source = copy
            directory.mkdir()
            self._world.must(backup.run, backup.timeout_s, _places(directory, source))
            newest = _newest(directory, backup)
            if newest is None:
                raise HarnessError(f"backup {backup.id}: run left no folder with {backup.manifest} in {directory}")
            self._made[backup.id] = _Made(newest, source)
        return self._made[backup.id]

    def _damaged(self, it: BackupDamage, made: _Made) -> Iterator[tuple[str, Path]]:
        names = [each.name for each in read_manifest(made.folder, it.backup.manifest, it.backup.words).files]
        for file, other in chosen(made.folder, it.kind, names, it.backup.damaged_at_most):
            folder = self._copy(made)
            damage(folder, it.kind, file, it.backup.manifest, other)
            yield it.backup.manifest if it.kind.startswith("manifest") else file, folder
            shutil.rmtree(folder.parent)

    def _copy(self, made: _Made) -> Path:
        place = self._fresh("backup") / made.folder.name
        shutil.copytree(made.folder, place, symlinks=True)
        return place

    def _target(self, backup: Backup) -> str:
        place = self._fresh(f"restored-{backup.id}")
        return str(place) if backup.tree is not None else f"sqlite:///{place}.db"

    def _ends(self, made: _Made, folder: Path, target: str) -> dict[str, str]:
        return {**_places(folder.parent, made.source), "backup": str(folder), "target": target}

    def _run(self, words: Sequence[str], backup: Backup, ends: Mapping[str, str]) -> Ended:
        result = self._world.command(words, backup.timeout_s, ends)
        return Ended(result.exit, result.stdout, result.stderr, result.timed_out)

    def _fresh(self, name: str) -> Path:
        self._count += 1
        folder = self._world.work.resolve() / "copies"
        folder.mkdir(exist_ok=True)
        return folder / f"b{self._count:03}-{name}"


def _places(directory: Path, source: str) -> dict[str, str]:
    """What a backup's commands are told; `baseline.store` is the copy that it is made of."""
    store = {"baseline.store": source} if "://" in source else {}
    return {"backups": str(directory), "source": source, **store}


def _newest(directory: Path, backup: Backup) -> Path | None:
    found = sorted(path for path in directory.glob("*") if (path / backup.manifest).exists())
    return found[-1] if found else None


def _left(target: str) -> int:
    """How many files a refused restore left at its target."""
    place = Path(target.removeprefix("sqlite:///"))
    if place.is_dir():
        return sum(not path.is_dir() for path in place.rglob("*"))
    return int(place.is_file() and place.stat().st_size > 0)


def _lines(source: str, backup: Backup) -> Iterator[tuple[str, str]]:
    """Long lines of the originals, by where they stand, at most so many."""
    if backup.tree is None:
        cells = (text for rows in _read(source).values() for row in rows for text in row.values())
        found = [(f"cell {number}", text) for number, text in enumerate(cells) if isinstance(text, str)]
    else:
        files = (path for path in sorted(Path(source).rglob("*")) if path.is_file() and not path.is_symlink())
        found = [
            (f"{path.relative_to(source)}:{number}", line.strip())
            for path in files
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        ]
    parts = [
        (place, part) for place, text in found for part in {text, re.split("[=:]", text, maxsplit=1)[-1].strip(" '\"")}
    ]
    long = [(place, text) for place, text in parts if len(text) >= _LINE]
    yield from long[:: max(1, -(-len(long) // _LINES_AT_MOST))]


def _read(url: str) -> Mapping[str, list[dict[str, Any]]]:
    with closing(Store(url)) as store:
        return store.snapshot()
