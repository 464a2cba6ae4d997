"""Backups of a folder: made, verified, restored and damaged in every way, with a careful tool and with careless ones."""

from pathlib import Path

import pytest

from godwit.checks import damages
from godwit.verdict import Outcome

KEEPER = Path(__file__).with_name("keeper.py")
STATE = f"""state:
  parallel: separate
  backups:
    - id: full
      run: ["{{python}}", -S, {KEEPER}, backup, "{{source}}", "{{backups}}", CARELESS]
      verify: ["{{python}}", -S, {KEEPER}, verify, "{{backup}}", "-", CARELESS]
      restore: ["{{python}}", -S, {KEEPER}, restore, "{{backup}}", "{{target}}", CARELESS]
      directory: "{{work}}/backups"
      damage: true
      required: [settings.yaml]
      encrypted: [secret]
      words: {{id: backup_id, version: tool_version, name: path, bytes: size}}
      tree: {{of: "{{work}}/installation", compare: [content, mode, links, empty]}}
"""


@pytest.fixture
def kept(walked):
    """Opens a session whose backups are made by a careful or a careless tool."""

    def start(careless="none"):
        run = walked(("profiles:\n", STATE.replace("CARELESS", careless) + "profiles:\n"))
        root = run.session.world.work / "installation"
        (root / "projects/empty").mkdir(parents=True)
        (root / "secret").mkdir()
        (root / "settings.yaml").write_text("level: INFO\n")
        (root / "old.yml").write_text("name: old\n")
        (root / "projects/web.yaml").write_text("name: web\n")
        (root / "secret/.env").write_text("CLAUDE_API_KEY=sk-ant-0123456789\n")
        (root / "secret/.env").chmod(0o600)
        return run.session.backups, run.session.setting.plan.state.backups[0]

    return start


def noticed(backups, backup, *, restored=False):
    """The kinds of damage that are not refused as they must be."""
    judge = backups.not_restored if restored else backups.noticed
    seen = {it.kind: judge(it) for it in damages([backup], restored=restored)}
    return {
        kind: [it.what for it in each.findings] for kind, each in seen.items() if each.outcome is not Outcome.PASSED
    }


def test_a_careful_tool_keeps_every_promise(kept):
    backups, backup = kept()
    assert noticed(backups, backup) == {}
    assert noticed(backups, backup, restored=True) == {}
    for judge in (backups.verified, backups.restored, backups.encrypted):
        assert judge(backup).outcome is Outcome.PASSED, judge(backup)


UNNOTICED = ["damage goes unnoticed"]


@pytest.mark.parametrize(
    ("careless", "kinds"),
    [
        pytest.param(
            "lists",
            {"changed", "truncated", "emptied", "swapped", "foreign", "linked", "manifest-changed"},
            id="listed-only",
        ),
        pytest.param("sizes", {"changed", "foreign", "linked", "swapped", "manifest-changed"}, id="sizes-only"),
        pytest.param("foreign", {"foreign"}, id="foreign-files"),
        pytest.param("links", {"linked"}, id="links-followed"),
    ],
)
def test_damage_that_a_careless_tool_misses_is_found(kept, careless, kinds):
    backups, backup = kept(careless)
    assert noticed(backups, backup) == dict.fromkeys(kinds, UNNOTICED)


def test_a_refusal_without_a_word_is_found(kept):
    backups, backup = kept("mute")
    assert noticed(backups, backup)["changed"] == ["refused without a word"]


def test_a_restore_that_leaves_a_half_result_is_found(kept):
    backups, backup = kept("half")
    assert noticed(backups, backup, restored=True)["changed"] == ["left a half result"]


@pytest.mark.parametrize(
    ("careless", "what", "reason"),
    [
        pytest.param("forgets", "files are missing", "", id="a-file-is-forgotten"),
        pytest.param("opens", "opened wider", "files", id="a-secret-is-opened-wider"),
    ],
)
def test_a_restored_folder_that_differs_is_found(kept, careless, what, reason):
    backups, backup = kept(careless)
    assert [(it.what, it.reason) for it in backups.restored(backup).findings] == [(what, reason)]


def test_an_open_secret_in_a_backup_is_found(kept):
    backups, backup = kept("open")
    assert {it.what for it in backups.encrypted(backup).findings} == {"secret in plain"}


def test_a_file_that_must_be_encrypted_and_is_not_there_proves_nothing(kept):
    backups, backup = kept()
    judgement = backups.encrypted(backup.model_copy(update={"encrypted": ("secret", "keys/*")}))
    assert (judgement.outcome, "keys/*" in judgement.reason) == (Outcome.INCONCLUSIVE, True)


def test_a_tool_that_refuses_every_backup_tells_nothing(kept):
    backups, backup = kept()
    refuses = backup.model_copy(update={"verify": ("{python}", "-S", "-c", "raise SystemExit('no')")})
    assert backups.verified(refuses).outcome is Outcome.FAILED
    assert backups.noticed(damages([refuses], restored=False)[0]).outcome is Outcome.INCONCLUSIVE


def test_a_folder_is_held_to_what_it_was_when_a_step_backed_it_up(kept):
    backups, backup = kept()
    assert backups.as_backed_up("full").outcome is Outcome.INCONCLUSIVE
    backups.remember(backup)
    assert backups.as_backed_up("full").outcome is Outcome.PASSED
    (Path(backups.source(backup)) / "settings.yaml").write_text("level: DEBUG\n")
    assert backups.as_backed_up("full").outcome is Outcome.FAILED


def test_the_manifest_is_read_in_its_own_words(kept):
    backups, backup = kept()
    assert backups.whole(backup).outcome is Outcome.INCONCLUSIVE
    made = backups._make(backup).folder
    there = backup.model_copy(update={"directory": str(made.parent)})
    assert backups.whole(there).outcome is Outcome.PASSED
