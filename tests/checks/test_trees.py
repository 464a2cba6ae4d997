"""File trees compared: every kind of damage is found, the same damage in many files once, and what the plan states is none."""

import os
from pathlib import Path

import pytest

from godwit.checks import SeenTrees, judge_tree, means
from godwit.checks.content_changes import accident_of
from godwit.plan import FileTree
from godwit.session.files import compare_trees
from godwit.verdict import FileEntry, Outcome

ASPECTS = ("content", "mode", "owner", "links", "times", "empty")


def tree(**words):
    given = {"id": "t", "sentence": "It is kept", "baseline": "a", "candidate": "b", "compare": ASPECTS}
    return FileTree(**{**given, **words})


@pytest.fixture
def pair(tmp_path):
    """Two equal folders: secrets of mode 0600, projects with state, links of both kinds, an empty folder."""
    for side in ("old", "new"):
        root = tmp_path / side
        (root / "projects/web/.orch-state").mkdir(parents=True)
        (root / "logs/empty").mkdir(parents=True)
        for number in range(42):
            (root / f"projects/web/.orch-state/task-{number}.json").write_text(f'{{"id": {number}, "b": 1}}\n')
            (root / f"projects/web/.orch-state/task-{number}.json").chmod(0o600)
        for name in ("a.yaml", "b.yaml", "c.yml", "d.yml"):
            (root / "projects" / name).write_text(f"name: {name}\nlevel: INFO\nwho: Zoë\n")
        (root / "projects/web/run.sh").write_text("#!/bin/sh\n")
        (root / "projects/web/run.sh").chmod(0o755)
        (root / "projects/current").symlink_to("web/run.sh")
        (root / "projects/absolute").symlink_to(root / "projects/a.yaml")
        os.link(root / "projects/a.yaml", root / "projects/a-again.yaml")
        for path in root.rglob("*"):
            if not path.is_symlink():
                os.utime(path, ns=(1_700_000_000_500_000_000, 1_700_000_000_500_000_000))
    return tmp_path / "old", tmp_path / "new"


def found(pair, **words):
    judgement = compare_trees(tree(**words), *pair)
    return [(it.what, it.count, it.reason) for it in judgement.findings]


def write(path: Path, content: bytes) -> None:
    """Other content, with the same time of change."""
    said = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(said.st_atime_ns, said.st_mtime_ns))


def states(root: Path) -> list[Path]:
    return sorted(root.glob("projects/web/.orch-state/*.json"))


def widen(root):
    for path in states(root):
        path.chmod(0o644)


def drop_yml(root):
    for path in root.rglob("*.yml"):
        path.unlink()


def crlf(root):
    for path in states(root):
        write(path, path.read_bytes().replace(b"\n", b"\r\n"))


def touch(root):
    for path in states(root):
        os.utime(path, ns=(1, 1_700_003_600_500_000_000))


def cut_fractions(root):
    for path in states(root):
        os.utime(path, ns=(1, 1_700_000_000_000_000_000))


def copy_link(root):
    (root / "projects/current").unlink()
    (root / "projects/current").write_text("#!/bin/sh\n")


def point_back(root):
    (root / "projects/absolute").unlink()
    (root / "projects/absolute").symlink_to(root.parent / "old/projects/a.yaml")


def split_twins(root):
    content = (root / "projects/a-again.yaml").read_bytes()
    (root / "projects/a-again.yaml").unlink()
    write_new(root / "projects/a-again.yaml", content)


def write_new(path, content):
    path.write_bytes(content)
    os.utime(path, ns=(1_700_000_000_500_000_000, 1_700_000_000_500_000_000))


def swap(root):
    one, other = states(root)[:2]
    first, second = one.read_bytes(), other.read_bytes()
    write(one, second)
    write(other, first)


def latin(root):
    path = root / "projects/b.yaml"
    write(path, path.read_text().encode("latin-1"))


def move(root):
    (root / "elsewhere").mkdir()
    for path in states(root):
        path.rename(root / "elsewhere" / path.name)


DAMAGES = [
    pytest.param(widen, ("opened wider", 42, "files"), id="opened-wider"),
    pytest.param(drop_yml, ("files are missing", 2, "all end in .yml"), id="yml-forgotten"),
    pytest.param(crlf, ("content changed", 42, "line endings LF became CRLF"), id="line-endings"),
    pytest.param(touch, ("time of change differs", 42, "offset by +1 h"), id="hour-later"),
    pytest.param(cut_fractions, ("time of change differs", 42, "fractions of a second are cut off"), id="fractions"),
    pytest.param(copy_link, ("another kind of thing", 1, "a copy of what it led to"), id="link-copied"),
    pytest.param(
        point_back, ("link leads elsewhere", 1, "it leads back into the baseline's tree"), id="link-into-the-old-tree"
    ),
    pytest.param(split_twins, ("hard link became a copy", 1, ""), id="hard-link"),
    pytest.param(swap, ("content changed", 2, "the content of another file of the baseline"), id="swapped"),
    pytest.param(latin, ("content changed", 1, "UTF-8 became Latin-1"), id="latin-1"),
    pytest.param(lambda root: (root / "logs/empty").rmdir(), ("empty folders are missing", 1, ""), id="empty-folder"),
    pytest.param(
        lambda root: write_new(root / "junk", b"x"), ("files are there that the baseline has not", 1, ""), id="junk"
    ),
    pytest.param(
        lambda root: (root / "projects/a.yaml").rename(root / "projects/A.yaml"),
        ("name changed", 1, "written with other capitals"),
        id="capitals",
    ),
    pytest.param(
        lambda root: (root / "projects/web/run.sh").chmod(0o644), ("permissions lost", 1, "files"), id="not-executable"
    ),
    pytest.param(lambda root: root.chmod(0o777), ("opened wider", 1, "folders"), id="the-folder-itself"),
    pytest.param(move, ("moved, and the plan does not say so", 42, ""), id="moved"),
]


def test_equal_trees_have_no_finding(pair):
    judgement = compare_trees(tree(), *pair)
    assert judgement.outcome is Outcome.PASSED
    assert "55 files and folders compared" in judgement.reason


@pytest.mark.parametrize(("damage", "finding"), DAMAGES)
def test_a_damage_is_one_finding_with_its_cause(pair, damage, finding):
    damage(pair[1])
    assert found(pair) == [finding]


def test_what_is_forgotten_for_two_reasons_is_two_findings(pair):
    drop_yml(pair[1])
    for path in states(pair[1]):
        path.unlink()
    assert found(pair, compare=["content"]) == [
        ("files are missing", 2, "all end in .yml"),
        ("files are missing", 42, "all are in projects/web/.orch-state/"),
    ]


def test_what_the_plan_states_is_no_finding(pair):
    widen(pair[1])
    drop_yml(pair[1])
    write(pair[1] / "projects/b.yaml", b"name: other\n")
    (pair[1] / "projects/web").rename(pair[1] / "work")
    (pair[1] / "projects/current").unlink()
    (pair[1] / "projects/current").symlink_to("../work/run.sh")
    stated = {
        "modes": {"work/.orch-state/*.json": "0644"},
        "ignore": {"**/*.yml": "the new version reads .yaml only"},
        "changed": {"projects/b.yaml": "it has its new name"},
        "moved": {"projects/web": "work"},
    }
    assert found(pair, **stated) == []


def test_a_mode_that_the_plan_states_is_held(pair):
    assert found(pair, modes={"projects/b.yaml": "0600"}) == [("opened wider", 1, "files, as the plan states it")]


def test_aspects_that_are_not_named_are_not_compared(pair):
    widen(pair[1])
    touch(pair[1])
    assert found(pair, compare=["content"]) == []


@pytest.mark.parametrize("compare", [["content"], ["content", "empty"]], ids=["files", "empty-folders"])
def test_nothing_to_compare_is_inconclusive(pair, compare):
    judgement = compare_trees(tree(compare=compare, ignore={"**": "nothing matters"}), *pair)
    assert judgement.outcome is Outcome.INCONCLUSIVE


def test_a_content_that_neither_side_lets_read_is_inconclusive():
    shut = FileEntry("file", mode=0, size=5, trouble="Permission denied")
    both = {".": FileEntry("folder"), "key": shut, "open": FileEntry("file", size=5, sha256="a")}
    found = judge_tree(tree(), SeenTrees(both, both))
    assert (found.outcome, found.reason) == (Outcome.INCONCLUSIVE, "on neither side the content of key can be read")
    assert judge_tree(tree(compare=("mode",)), SeenTrees(both, both)).outcome is Outcome.PASSED


def test_a_file_below_folders_of_one_name_is_missing_once():
    old = {
        **dict.fromkeys((".", "a", "a/a"), FileEntry("folder")),
        "a/a/f": FileEntry("file"),
        "b": FileEntry("file", size=1),
    }
    new = {name: entry for name, entry in old.items() if name != "a/a/f"}
    (finding,) = judge_tree(tree(compare=("content",)), SeenTrees(old, new)).findings
    assert (finding.what, finding.where, finding.count) == ("files are missing", "a/a/f", 1)


def test_a_move_of_what_is_not_there_is_inconclusive(pair):
    judgement = compare_trees(tree(moved={"nowhere": "somewhere"}), *pair)
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "nowhere" in judgement.reason


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(b"a", b"", "empty now", id="empty"),
        pytest.param(b"a\n", b"a", "last line ending lost", id="last-newline"),
        pytest.param(b"abc", b"ab", "cut short", id="cut"),
        pytest.param(b"ab", b"abc", "something is added at its end", id="added"),
        pytest.param(b"\xef\xbb\xbfa", b"a", "byte order mark lost", id="mark"),
        pytest.param("ä".encode(), "Ã¤".encode(), "taken for Latin-1 and written as UTF-8", id="mojibake"),
        pytest.param("Zoë".encode(), b"Zo?", "signs outside ASCII replaced", id="question-marks"),
        pytest.param(b'{"a":1,"b":2}', b'{"b": 2, "a": 1}', "same JSON values, written anew", id="json"),
        pytest.param(b'{"a":1}', b'{"a":1.0}', "", id="json-number-differs"),
        pytest.param(b"a\nb\n", b"b\na\n", "lines in another order", id="order"),
        pytest.param(b"a: 1\n", b"a:  1\n", "only white space", id="white-space"),
        pytest.param(b"\xff\x00", b"\xfe\x00", "", id="no-text"),
    ],
)
def test_the_accident_is_named(old, new, said):
    assert accident_of(old, new) == said


@pytest.mark.parametrize(
    ("pattern", "path", "is_meant"),
    [
        pytest.param("a", "a/b/c", True, id="a-folder-means-all-in-it"),
        pytest.param("*.log", "logs/a.log", False, id="one-step"),
        pytest.param("**/*.log", "a.log", True, id="any-depth"),
        pytest.param("[!a]*", "b.txt", True, id="not-this-sign"),
        pytest.param("a+b.(c)", "a+b.(c)", True, id="signs-stand-for-themselves"),
        pytest.param("a?", "a/", False, id="never-a-slash"),
    ],
)
def test_a_pattern_means_what_it_says(pattern, path, is_meant):
    assert means(pattern, path) is is_meant
