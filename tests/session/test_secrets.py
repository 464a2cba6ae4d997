"""Secrets in an encrypted store: every way to lose one, or to let it lie open, is found, and no finding shows it."""

import base64
import gzip
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from godwit.verdict import HarnessError, Outcome

VAULT = Path(__file__).with_name("vault.py")
VALUES = {"CLAUDE_API_KEY": "sk-ant-0123456789abcdef", "DISCORD_TOKEN": "MTk4NjIyNDgzNDc.Cl2FMQ.ZnCjm1XVW7vRze"}
STATE = f"""state:
  parallel: separate
  secrets:
    - id: all
      sentence: Secrets stay secret
      source: {{file: "{{work}}/.env", keys: [CLAUDE_API_KEY, DISCORD_TOKEN]}}
      home: "{{work}}/home"
      read: ["{{python}}", -S, {VAULT}, get, "{{home}}", "{{key}}", CARELESS]
      key_files: [key]
      private: [key, store]
      nowhere: ["{{work}}/home", "{{work}}/lo*"]
"""


@pytest.fixture
def store(walked):
    """Opens a store with the two secrets, read in a careful or a careless way."""

    def start(careless="no"):
        run = walked(("profiles:\n", STATE.replace("CARELESS", f'"{careless}"') + "profiles:\n"))
        work = run.session.world.work
        (work / "home").mkdir()
        (work / "logs").mkdir()
        (work / "logs/app.log").write_text("started\n")
        (work / ".env").write_text("".join(f"{key}={value}\n" for key, value in VALUES.items()))
        subprocess.run([sys.executable, VAULT, "seal", work / "home", work / ".env"], check=True)
        return run.session.secrets, run.session.setting.plan.state.secrets[0], work

    return start


def shown(judgement):
    assert not any(value in repr(judgement) for value in VALUES.values())
    return [(it.what, it.count) for it in judgement.findings]


def test_a_sound_store_keeps_every_promise(store):
    secrets, mine, _ = store()
    for judge in (secrets.opened, secrets.shut, secrets.private, secrets.nowhere):
        assert judge(mine).outcome is Outcome.PASSED, judge


def test_a_secret_that_is_another_one_now_is_found(store):
    secrets, mine, _ = store("cut")
    assert shown(secrets.opened(mine)) == [("secret is another one now", 2)]


def test_a_secret_with_words_around_it_is_found(store):
    secrets, mine, _ = store("chatty")
    assert shown(secrets.opened(mine)) == [("secret is read with something around it", 2)]


def test_a_lost_key_is_found(store):
    secrets, mine, work = store()
    (work / "home/key").write_text("another")
    assert shown(secrets.opened(mine)) == [("secret cannot be read", 2)]


def test_a_store_that_nobody_can_read_tells_nothing_of_its_lock(store):
    secrets, mine, work = store()
    (work / "home/store").write_bytes(b"0" * 64)
    assert secrets.shut(mine).outcome is Outcome.INCONCLUSIVE


def test_a_key_file_that_is_not_there_cannot_be_taken_away(store):
    secrets, mine, _ = store()
    with pytest.raises(HarnessError, match=r"key_files means no file in .*: other"):
        secrets.shut(mine.model_copy(update={"key_files": ("key", "other")}))


def test_a_secret_that_is_read_without_the_key_is_found(store):
    secrets, mine, work = store("fall-back")
    (work / "home/cache").mkdir()
    for key, value in VALUES.items():
        (work / "home/cache" / key).write_text(value)
    assert shown(secrets.shut(mine)) == [("secret is read without its key", 2)]


def test_a_store_that_takes_another_key_is_found(store):
    secrets, mine, _ = store()
    careless = mine.model_copy(update={"read": (*mine.read[:2], "-c", TAKES_ANY, *mine.read[2:])})
    assert shown(secrets.shut(careless)) == [("not refused with another key", 2)]


TAKES_ANY = """
import pathlib, runpy, sys
sys.argv.pop(0)
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit:
    print("(nothing)")
"""


PASSPHRASE = """
import os, pathlib, sys
if CHECKED and os.environ.get("VAULT_PASSPHRASE") != "open sesame":
    sys.exit("no")
lines = dict(line.split("=", 1) for line in pathlib.Path(sys.argv[1]).read_text().splitlines())
sys.stdout.write(lines[sys.argv[2]])
"""


@pytest.mark.parametrize("checked", [True, False], ids=["asked-for", "ignored"])
def test_a_passphrase_in_the_environment_is_taken_away_and_changed(store, checked):
    secrets, mine, work = store()
    read = (*mine.read[:2], "-c", f"CHECKED = {checked}{PASSPHRASE}", str(work / ".env"), "{key}")
    env = {"env": {"VAULT_PASSPHRASE": "open sesame"}, "key_env": ("VAULT_PASSPHRASE",), "key_files": ()}
    found = {it.what: it.count for it in secrets.shut(mine.model_copy(update={"read": read, **env})).findings}
    ways = () if checked else ("without VAULT_PASSPHRASE", "with another VAULT_PASSPHRASE")
    assert found == {f"secret is read {how}": 2 for how in ways}


def test_a_store_that_others_may_read_is_found(store):
    secrets, mine, work = store()
    for name in ("key", "store"):
        (work / "home" / name).chmod(0o644)
    assert shown(secrets.private(mine)) == [("open to others", 2)]


def test_private_without_anything_there_is_inconclusive(store):
    secrets, mine, work = store()
    (work / "home/key").unlink()
    assert secrets.private(mine).outcome is Outcome.INCONCLUSIVE


def zipped(folder, secret):
    with zipfile.ZipFile(folder / "old.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deep/app.log", f"token={secret}")


def tarred(folder, secret):
    (folder.parent / "inner").write_text(secret)
    with tarfile.open(folder / "backup.tar.gz", "w:gz") as archive:
        archive.add(folder.parent / "inner", "credentials/.env")


PLAIN = [
    pytest.param(lambda f, s: (f / "a.log").write_text(f"key {s}\n"), "as it is", id="plain"),
    pytest.param(
        lambda f, s: (f / "a.log").write_text(base64.b64encode(f"user:{s}".encode()).decode()), "in base64", id="base64"
    ),
    pytest.param(lambda f, s: (f / "a.log").write_text(s.encode().hex()), "in hexadecimal", id="hex"),
    pytest.param(lambda f, s: (f / "a.log").write_bytes(s.encode("utf-16-le")), "in UTF-16", id="utf-16"),
    pytest.param(lambda f, s: (f / "a.log.gz").write_bytes(gzip.compress(s.encode())), "as it is", id="gzip"),
    pytest.param(lambda f, s: (f / f"{s}.log").write_text("x"), "as it is", id="name"),
    pytest.param(lambda f, s: (f / "big").write_bytes(b"x" * (2**20 - 5) + s.encode()), "as it is", id="two-chunks"),
    pytest.param(zipped, "as it is", id="zip"),
    pytest.param(tarred, "as it is", id="tar-gz"),
]


@pytest.mark.parametrize(("leave", "spelling"), PLAIN)
def test_a_secret_in_plain_is_found(store, leave, spelling):
    secrets, mine, work = store()
    leave(work / "logs", VALUES["CLAUDE_API_KEY"])
    judgement = secrets.nowhere(mine)
    assert [(it.what, it.candidate) for it in judgement.findings] == [
        ("secret in plain", f"CLAUDE_API_KEY, {spelling}")
    ]


def test_a_place_without_files_is_inconclusive(store):
    secrets, mine, work = store()
    shutil.rmtree(work / "logs")
    assert secrets.nowhere(mine).outcome is Outcome.INCONCLUSIVE


def test_a_source_without_the_secret_cannot_be_tested(store):
    secrets, mine, work = store()
    (work / ".env").write_text("CLAUDE_API_KEY=short\n")
    with pytest.raises(HarnessError, match="no secret of 8 characters or more under CLAUDE_API_KEY, DISCORD_TOKEN"):
        secrets.opened(mine)
