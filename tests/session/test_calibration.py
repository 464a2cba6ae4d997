"""Probes repeated on real servers that are noisy, that grow, and that take a write only once."""

import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from godwit.plan import Migration, Probe, Surfaces, Version
from godwit.session.calibration import Calibrated
from godwit.verdict import Judgement, Outcome

READ = Probe.model_validate({"id": "read", "requests": [{"path": "/it"}]})
WRITE = Probe.model_validate(
    {"id": "write", "requests": [{"method": "POST", "path": "/it", "body": 1}, {"path": "/it"}]}
)
Handler = Callable[[Any], Any]


def served(body: Callable[[str], Any], status: Callable[[str], int] = lambda method: 200) -> Handler:
    """A handler whose JSON body and status are made from the method."""

    def handle(seen: Any) -> tuple[int, dict[str, str], bytes]:
        return status(seen.method), {"content-type": "application/json"}, json.dumps(body(seen.method)).encode()

    return handle


def noisy(seed: int, values: str, **fixed: Any) -> Handler:
    """Answers one of some values by chance, and what is fixed."""
    chance = random.Random(seed)
    return served(lambda method: {"noise": chance.choices(values)[0], **fixed})


def growing(start: int, **fixed: Any) -> Handler:
    """Counts what was written."""
    count = itertools.count(start)
    written = [next(count)]
    return served(lambda method: {"n": written.append(next(count)) or 0 if method == "POST" else written[-1], **fixed})


@pytest.fixture
def compare(serve: Any, tmp_path: Path) -> Callable[..., Judgement]:
    """Puts a probe to two servers with these handlers."""

    def compared(probe: Probe, baseline: Handler, candidate: Handler, **surfaces: Any) -> Judgement:
        stacks = {"baseline": serve(baseline), "candidate": serve(candidate)}
        version = Version(name="it", version="1")
        migration = Migration(id="it", title="It", baseline=version, candidate=version, seed=7)
        plan = SimpleNamespace(surfaces=Surfaces.model_validate(surfaces), migration=migration)
        world: Any = SimpleNamespace(plan=plan, out=tmp_path, stack=stacks.__getitem__)
        return Calibrated(world, probe).judgement()

    return compared


def kept(folder: Path) -> dict[str, Any]:
    """The calibration in the evidence."""
    (line,) = (folder / "calibration.ndjson").read_text(encoding="utf-8").splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.mark.parametrize("seed", range(20))
def test_noise_of_both_sides_is_no_difference(compare, seed):
    assert compare(READ, noisy(seed, "ab"), noisy(seed + 100, "ab")).outcome is Outcome.PASSED


def test_a_place_that_is_quiet_beside_noise_is_compared_exactly(compare, tmp_path):
    judgement = compare(READ, noisy(1, "abcdef", n=1), noisy(2, "abcdef", n=2))
    assert judgement.outcome is Outcome.FAILED
    assert [finding.where for finding in judgement.findings] == ["/n"]
    assert kept(tmp_path) == {"probe": "read", "repetitions": 24, "noisy": ["/noise"], "growing": [], "once": ""}


def test_other_values_behind_noise_are_found_by_as_many_repetitions_as_it_takes(compare):
    judgement = compare(READ, noisy(1, "abcdef"), noisy(2, "uvwxyz"))
    assert judgement.outcome is Outcome.FAILED
    assert [finding.where for finding in judgement.findings] == ["/noise"]


@pytest.mark.parametrize("seed", range(10))
def test_noise_in_answers_to_a_probe_that_writes_is_no_difference(compare, seed):
    assert compare(WRITE, noisy(seed, "abcdefgh"), noisy(seed + 100, "abcdefgh")).outcome is Outcome.PASSED


def test_state_that_grows_with_each_repetition_hides_nothing(compare, tmp_path):
    judgement = compare(WRITE, growing(1), growing(0))
    assert judgement.outcome is Outcome.FAILED
    assert [finding.where for finding in judgement.findings] == ["/1/n"]
    assert (kept(tmp_path)["noisy"], kept(tmp_path)["growing"]) == ([], ["/1/n"])


def test_a_probe_that_writes_is_asked_once_where_the_sides_agree(compare, serve, tmp_path):
    assert compare(WRITE, growing(1), growing(1)).outcome is Outcome.PASSED
    assert not (tmp_path / "calibration.ndjson").exists()


@pytest.mark.parametrize("taken", [1, 100], ids=["taken-once", "taken-again"])
def test_a_write_on_which_the_sides_part_leaves_both_sides_alike(compare, taken):
    def counted(said: str) -> Handler:
        count = itertools.count(1)
        written = [0]

        def body(method: str) -> Any:
            if method == "POST":
                written.append(next(count))
                return {"said": said}
            return {"n": written[-1]}

        return served(body, lambda method: 409 if method == "POST" and written[-1] >= taken else 200)

    baseline, candidate = counted("yes"), counted("no")
    assert [finding.where for finding in compare(WRITE, baseline, candidate).findings] == ["/0/said"]
    assert compare(READ, baseline, candidate).outcome is Outcome.PASSED


def test_a_write_that_is_taken_once_is_judged_on_its_first_answers(compare):
    taken = itertools.count()

    def status(method: str) -> int:
        return 200 if method == "GET" or next(taken) == 0 else 409

    judgement = compare(WRITE, served(lambda method: {"n": 1}, status), served(lambda method: {"n": 2}))
    assert judgement.outcome is Outcome.FAILED
    assert "not calibrated: writes once (POST /it answered 200, and 409 when it was asked again)" in judgement.reason


def test_one_repetition_switches_it_off(compare, tmp_path):
    judgement = compare(READ, noisy(1, "ab"), noisy(2, "ab"), calibration={"repeats": 1})
    assert judgement.reason.startswith("1 ")
    assert not (tmp_path / "calibration.ndjson").exists()


def test_a_side_that_is_silent_is_not_asked_again(compare, tmp_path):
    assert compare(READ, noisy(1, "a"), lambda seen: None).outcome is Outcome.FAILED
    assert compare(READ, lambda seen: None, noisy(1, "a")).outcome is Outcome.INCONCLUSIVE
    assert not (tmp_path / "calibration.ndjson").exists()
