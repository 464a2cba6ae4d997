"""A migration that ends at any of its writes is taken for nothing, and the same command completes it."""

import errno
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Run, Site

WRITES = ("write_unnamed", "move", "sync_folder", "make_folder")


class Killed(BaseException):
    """The process would be gone here."""


def count_down(patch: pytest.MonkeyPatch, ends_at: int, *, error: BaseException, after: bool) -> list[int]:
    """Ends the run at the n-th change of the disk, before or after it."""
    from agent_workflow import durable

    made = [0]

    def counted(whole: Callable[..., Any]) -> Callable[..., Any]:
        def act(*words: Any, **options: Any) -> Any:
            made[0] += 1
            if made[0] == ends_at and not after:
                raise error
            answer = whole(*words, **options)
            if made[0] == ends_at and after:
                raise error
            return answer

        return act

    for name in WRITES:
        patch.setattr(durable, name, counted(getattr(durable, name)))
    return made


@pytest.fixture
def clean(make: Callable[..., Site], orch: Run) -> dict[str, object]:
    """What an undisturbed migration gives."""
    from pip_package.tools import canon

    site = make("novice", "clean")
    assert orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home).code == 0
    return dict(canon.view(site.home))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_anywhere_it_can_be_completed(
    make: Callable[..., Site], orch: Run, clean: dict[str, object], after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent_workflow.migration import Migration, Wish
    from agent_workflow.places import Home

    from pip_package.tools import canon

    number = 0
    while True:
        number += 7
        site = make("novice", f"{after}-{number}")
        before = site.tree()
        with monkeypatch.context() as patch:
            made = count_down(patch, number, error=Killed(), after=after)
            try:
                Migration(Wish(site.clone, Home(site.home), "automated", True), lambda stage, state: None).run()
            except Killed:
                pass
            else:
                break
        assert site.tree() == before
        assert orch("health", "--home", site.home).code == 1 or canon.view(site.home) == clean
        again = orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home)
        assert (again.code, again.err) == (0, ""), number
        assert canon.view(site.home) == clean, number
        assert orch("verify-backup", "--home", site.home).code == 0, number
        assert not list(site.folder.glob("*.unfinished*")), number
        assert site.tree() == before
    assert made[0] > 40


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device", "x"), PermissionError(errno.EACCES, "Permission denied", "x")],
    ids=["disk-full", "permission-denied"],
)  # fmt: skip
@pytest.mark.parametrize("number", [3, 30, 60])
def test_a_disk_that_refuses_is_told_in_a_line(
    make: Callable[..., Site], orch: Run, error: OSError, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make("novice")
    with monkeypatch.context() as patch:
        count_down(patch, number, error=error, after=False)
        done = orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home)
    assert done.code == 1
    assert done.err.startswith("agent-orch: disk: x: ")
    assert orch("health", "--home", site.home).code == 1
    assert orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home).code == 0


@pytest.mark.parametrize("number", [1, 4, 9, 20, 45, 75])
def test_killed_anywhere_it_can_be_taken_back(
    make: Callable[..., Site], orch: Run, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent_workflow.migration import Migration, Wish
    from agent_workflow.places import Home

    site = make("novice")
    before = site.tree()
    with monkeypatch.context() as patch:
        count_down(patch, number, error=Killed(), after=False)
        with pytest.raises(Killed):
            Migration(Wish(site.clone, Home(site.home), "automated", True), lambda stage, state: None).run()
    done = orch("restore-migration-backup", "--home", site.home)
    assert (done.code, done.err) == (0, "")
    assert (site.home.exists(), site.tree()) == (False, before)
    assert not list(site.folder.glob("*.unfinished*"))


def test_an_older_backup_is_never_restored_for_a_migration_that_made_none(
    moved: Site, orch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent_workflow.backup import MigrationBackup

    assert orch("restore-migration-backup", "--home", moved.home).code == 0
    (moved.code / "my-webapp/.orch-state/history.jsonl").write_text("worked on since")
    monkeypatch.setenv("AGENT_WORKFLOW_NOW", "2024-02-20T10:00:00")
    with monkeypatch.context() as patch:
        patch.setattr(
            MigrationBackup, "create_comprehensive_backup", lambda self, moment, folder: (_ for _ in ()).throw(Killed())
        )
        with pytest.raises(Killed):
            orch("migrate-from-git", moved.clone, "--automated", "--offline", "--home", moved.home)
    assert orch("restore-migration-backup", "--home", moved.home).code == 0
    assert (moved.code / "my-webapp/.orch-state/history.jsonl").read_text() == "worked on since"


def test_two_at_a_time_are_refused(site: Site, orch: Run) -> None:
    from agent_workflow.migration import locked
    from agent_workflow.places import Home

    with locked(Home(site.home)):
        done = orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home)
    assert (done.code, "home-busy" in done.err) == (1, True)


def test_another_clone_is_refused_while_one_is_being_moved(moved: Site, make: Callable[..., Site], orch: Run) -> None:
    other = make(name="other")
    done = orch("migrate-from-git", other.clone, "--automated", "--offline", "--home", moved.home)
    assert (done.code, "other-source" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda site: (site.clone / "orchestrator.yaml").write_text("a: [1\n"), "bad-yaml"),
        (lambda site: (site.clone / "orchestrator.yaml").write_text("orchestrator: 7\n"), "bad-config"),
        (lambda site: (site.clone / "projects/my-webapp.yaml").write_text(""), "bad-project"),
        (lambda site: (site.clone / "projects/my-webapp.yaml").write_text("- a\n"), "bad-yaml"),
        (lambda site: (site.clone / "orchestrator.yaml").unlink(), "no-source"),
        (lambda site: (site.code / "my-webapp").rename(site.code / "gone"), "bad-project"),
        (lambda site: (site.clone / ".orch.pid").write_text(str(__import__("os").getpid())), "orchestrator-runs"),
    ],
    ids=["broken-yaml", "no-mapping", "empty-project", "list-for-project", "no-clone", "no-folder", "running"],
)
def test_what_cannot_be_moved_is_refused_before_anything_is_written(
    site: Site, orch: Run, spoil: Callable[[Site], object], code: str
) -> None:
    spoil(site)
    done = orch("migrate-from-git", site.clone, "--automated", "--offline", "--home", site.home)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert done.err.startswith(f"agent-orch: {code}: ")
    assert not site.home.exists()
    assert not list(site.folder.glob(".agent-workflow.*"))
