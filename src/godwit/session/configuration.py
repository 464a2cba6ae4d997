"""Puts old configuration files to the candidate: converted or as they are, whole or spoiled; has what came of it judged."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from godwit.checks import Config, Conversion, Refusal, judge_config, judge_conversion, judge_refusals
from godwit.plan import ConfigFile
from godwit.session.world import World
from godwit.stacks import fill, ownership
from godwit.surfaces import format_of, read_config, run_command, spoiled
from godwit.verdict import Ended, HarnessError, Judgement, all_of, failed, inconclusive

_UNTYPED = ("env", "ini")


class Configuration:
    """Configuration files of the baseline, and what the candidate makes of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._runs = 0

    def honoured(self, file: ConfigFile) -> Judgement:
        """Convert a file (or have it read as it is), and look up every key of it in what the candidate has then."""
        content, old = self._old(file)
        place = self._place(file, content)
        if file.accepts:
            return self._accepted(file, place, old)
        ended = self._run(file, file.convert or (), place)
        conversion, new = self._converted(file, place, content, ended)
        way = judge_conversion(conversion, file.timeout_s)
        if new is None:
            return way
        return all_of([way, self._keys(file, old, new, place) if file.reads else judge_config(file, old, new)])

    def refused(self, file: ConfigFile) -> Judgement:
        """Put malformed versions of a file to the candidate: each must be refused, and nothing be left of it."""
        content, _ = self._old(file)
        bad = [(name, self._given(name)) for name in file.bad] or list(spoiled(content, self._format(file)))
        if not bad:
            return inconclusive(f"{file.file} cannot be spoiled: its format takes anything; name bad files")
        words = file.reads if file.accepts else file.convert
        refusals = []
        for what, broken in bad:
            place = self._place(file, broken)
            ended = self._run(file, words or (), place)
            in_place = place.in_place
            left = place.source.read_bytes() != broken if in_place else place.target.exists()
            refusals.append(Refusal(what, ended, left and not file.accepts))
        return judge_refusals(refusals, file.timeout_s)

    def _old(self, file: ConfigFile) -> tuple[bytes, Config]:
        content, form = self._given(file.file), self._format(file)
        try:
            return content, Config(read_config(content, form), form not in _UNTYPED)
        except ValueError as error:
            raise HarnessError(f"config file {file.id}: {file.file} is no {form}: {error}") from None

    def _given(self, name: str) -> bytes:
        path = self._world.plan.directory / name
        if not path.is_file():
            raise HarnessError(f"surfaces.config.files names {path}, and there is no such file")
        return path.read_bytes()

    @staticmethod
    def _format(file: ConfigFile) -> str:
        return format_of(Path(file.file), file.format)

    def _place(self, file: ConfigFile, content: bytes) -> "_Place":
        self._runs += 1
        folder = self._world.work.resolve() / "configuration" / f"{file.id}-{self._runs}"
        source = folder / "old" / Path(file.file).name
        target = folder / "new" / file.target if file.target else source
        for path in (source, target):
            path.parent.mkdir(parents=True, exist_ok=True)
        source.write_bytes(content)
        return _Place(source, target)

    def _run(self, file: ConfigFile, words: Sequence[str], place: "_Place") -> Ended:
        own = {"file": str(place.source), "target": str(place.target), "dir": str(place.target.parent)}
        places = {**self._world.places.of("candidate"), **own}
        result = run_command(
            fill(words, places),
            cwd=place.target.parent,
            env={**self._world.environ("candidate"), **ownership()},
            timeout_s=file.timeout_s,
            log=self._world.out / "logs" / f"config-{file.id}-{self._runs}.log",
            mask=self._world.mask,
        )
        return Ended(result.exit, result.stdout, result.stderr, result.timed_out)

    def _converted(
        self, file: ConfigFile, place: "_Place", content: bytes, ended: Ended
    ) -> tuple[Conversion, Config | None]:
        """How the conversion went, and what the converted file says, if it says anything."""
        same = place.in_place or place.source.read_bytes() == content
        there = place.target.is_file()
        if ended.timed_out or ended.exit != 0 or not there:
            return Conversion(ended, same, there), None
        form = format_of(place.target, file.target_format or (self._format(file) if place.in_place else None))
        converted = place.target.read_bytes()
        try:
            new = Config(read_config(converted, form), form not in _UNTYPED)
        except ValueError as error:
            return Conversion(ended, same, there, malformed=str(error)), None
        again = self._place(file, converted)
        ended_again = self._run(file, file.convert or (), again)
        left = again.target.is_file()
        equal = left and _says(again.target.read_bytes(), form) == new.values
        return Conversion(ended, same, there, "", ended_again, left, equal), new

    def _keys(self, file: ConfigFile, old: Config, new: Config, place: "_Place") -> Judgement:
        """Have the candidate read the converted file; what it prints of it as JSON is what keys are looked up in."""
        ended = self._run(file, file.reads or (), place)
        if ended.timed_out or ended.exit != 0:
            return failed(f"the candidate does not read what was converted: {_last(ended, file)}")
        return judge_config(file, old, _printed(ended) or new)

    def _accepted(self, file: ConfigFile, place: "_Place", old: Config) -> Judgement:
        ended = self._run(file, file.reads or (), place)
        if ended.timed_out or ended.exit != 0:
            return failed(f"the candidate does not accept {file.file} as it is: {_last(ended, file)}")
        if (new := _printed(ended)) is None:
            return inconclusive(
                f"{file.file} was accepted, but what was made of its keys is not told: have reads print it as JSON"
            )
        return judge_config(file, old, new)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a copy of the old file lies, and where the converted one is to lie: the same, if it is rewritten in place."""

    source: Path
    target: Path

    @property
    def in_place(self) -> bool:
        return self.source == self.target


def _says(content: bytes, form: str) -> object:
    try:
        return read_config(content, form)
    except ValueError:
        return None


def _printed(ended: Ended) -> Config | None:
    try:
        value = json.loads(ended.stdout)
    except (ValueError, RecursionError):
        return None
    return Config(value, True) if isinstance(value, dict) else None


def _last(ended: Ended, file: ConfigFile) -> str:
    if ended.timed_out:
        return f"it did not end within {file.timeout_s:g} s"
    return f"exit code {ended.exit}: {(ended.stderr or ended.stdout).strip()[-300:]}"
