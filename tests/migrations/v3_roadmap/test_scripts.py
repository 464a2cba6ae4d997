"""164 scripts become 45: what is alike, what is rewritten, and when nothing is changed."""

import json
import subprocess
from pathlib import Path

import pytest

from v3_roadmap.scripts import consolidation, rewriting
from v3_roadmap.scripts.catalogue import Script
from v3_roadmap.scripts.grouping import baked_paths, grouped, normalised, scripts_of
from v3_roadmap.scripts.tree import cases, make_tree
from v3_roadmap.tools.refusals import RefusedError

HOME = "/old/tree/apps/registry"


def test_the_tree_has_164_scripts_of_45_contents_all_with_baked_paths(tmp_path: Path) -> None:
    make_tree(tmp_path / "v2", 3)
    found = scripts_of(tmp_path / "v2")
    assert (len(found), len(grouped(tmp_path / "v2", tmp_path / "v2")), len(baked_paths(tmp_path / "v2"))) == (
        164,
        45,
        164,
    )


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        pytest.param(f"cat {HOME}/data/x", "cat /old/tree/apps/xavos/data/x", True, id="another-application"),
        pytest.param("if a; then\n    b\nfi", "if a; then  \n\tb\n\nfi", True, id="white-space"),
        pytest.param(f"cat {HOME}/data/x", f"cat {HOME}/data/y", False, id="another-file"),
        pytest.param("[ $1 -lt 10 ]", "[ $1 -le 10 ]", False, id="another-comparison"),
        pytest.param(f"cat {HOME}/data/x", "cat /other/tree/apps/xavos/data/x", False, id="another-tree"),
    ],
)
def test_alike_is_what_differs_in_path_and_white_space_only(one: str, other: str, *, alike: bool) -> None:
    assert (normalised(one, "/old/tree") == normalised(other, "/old/tree")) is alike


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        pytest.param(f"cat {HOME}/x", 'cat "${APP_HOME}"/x', id="bare"),
        pytest.param(f'cat "{HOME}/x y"', 'cat "${APP_HOME}/x y"', id="in-double-quotes"),
        pytest.param(f'echo "$(cat {HOME}/x)"', 'echo "$(cat "${APP_HOME}"/x)"', id="in-a-command-in-double-quotes"),
        pytest.param(
            f"awk '{{ print \"\" }}' {HOME}/x", 'awk \'{ print "" }\' "${APP_HOME}"/x', id="after-single-quotes"
        ),
        pytest.param(f"ls {HOME}/*.tsv", 'ls "${APP_HOME}"/*.tsv', id="pattern"),
    ],
)
def test_a_rewritten_path_is_quoted_where_it_stands(line: str, wanted: str) -> None:
    assert rewriting.rewritten(f"#!/bin/sh\n{line}\n", "/old/tree").splitlines()[2:] == [wanted]


def test_a_batch_that_acts_differently_is_not_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = tuple(Script(name, f"echo {name} > @HOME@/out/said\n") for name in ("one", "two"))
    monkeypatch.setattr("v3_roadmap.scripts.tree.CATALOGUE", few)
    make_tree(tmp_path / "v2", 1)
    right = rewriting.rewritten
    monkeypatch.setattr(consolidation, "rewritten", lambda text, root: right(text.replace("echo two", "echo 2"), root))
    with pytest.raises(RefusedError, match="batch 2 is not put in place"):
        consolidation.consolidate(tmp_path / "v2", tmp_path / "backup", cases(), batch=1)
    first, second = (tmp_path / f"v2/apps/xavos/scripts/{name}.sh" for name in ("one", "two"))
    assert (first.is_symlink(), second.is_symlink()) == (True, False)
    events = [json.loads(line) for line in (tmp_path / "backup/journal.jsonl").read_text().splitlines()]
    assert [event.get("differences") for event in events if event["event"] == "validated"] == [0, 1]


def test_a_script_asked_for_no_application_says_which_there_are(tmp_path: Path) -> None:
    (tmp_path / "apps/registry").mkdir(parents=True)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / rewriting.LIBRARY).write_text(rewriting.LIBRARY_TEXT)
    script = tmp_path / "scripts/one.sh"
    script.write_text(rewriting.rewritten(f"#!/bin/sh\necho {HOME}\n", "/old/tree"))
    done = subprocess.run(
        ["sh", script], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"}, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (2, "one.sh: set V3_APP to one of: registry \n")
