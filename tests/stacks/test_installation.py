"""The installation driver: a copy of the tree for each run, and a command that says its version."""

from pathlib import Path

import pytest

from godwit.stacks import Site, open_stacks
from godwit.verdict import StackError
from tests.stacks.conftest import HERE, installed, pair


def test_each_side_has_a_copy_and_the_plans_tree_stays_as_it_is(site: Site) -> None:
    with open_stacks(pair(installed(), installed("2")), "process", site) as stacks:
        trees = [Path(stacks.places.outside[f"{role}.tree"]) for role in stacks]
        for tree in trees:
            (tree / "written").touch()
        assert len({*trees, HERE / "tree"}) == 3
    assert not (HERE / "tree" / "written").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["{python}", "nothing.py"], "ended with exit code 2", id="fails"),
        pytest.param(["no-such-command"], "No such file", id="not-there"),
        pytest.param(
            ["echo"], r"it has version 'echo \(GNU coreutils\) [\d.]+', the plan says '1'", id="another-version"
        ),
    ],
)
def test_a_command_that_does_not_say_the_version_is_not_healthy(site: Site, words: list[str], said: str) -> None:
    spec = installed()
    spec["drivers"]["installation"]["command"] = words  # type: ignore[index]
    with open_stacks(pair(spec), "process", site) as stacks, pytest.raises(StackError, match=said):
        stacks["baseline"].start()


def test_a_tree_that_is_not_there_is_named(site: Site) -> None:
    spec = installed()
    spec["drivers"]["installation"]["tree"] = "nowhere"  # type: ignore[index]
    with pytest.raises(StackError, match=r"stacks\.baseline\.drivers\.installation\.tree: there is no folder"):
        open_stacks(pair(spec), "process", site)
