"""Backups held against their manifests; every way to spoil one must be found."""

import hashlib
import json

import pytest

from godwit.plan import ManifestWords
from godwit.state import read_manifest, verify_backup
from godwit.verdict import GodwitError


@pytest.fixture
def backup(tmp_path):
    contents = {"tasks.jsonl": b'{"id":1}\n{"id":2}\n', "agents.json": b"{}"}
    files = []
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        rows = content.count(b"\n") if name.endswith("jsonl") else None
        files.append({"name": name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "rows": rows})
    write(tmp_path, files)
    return tmp_path


def write(directory, files):
    manifest = {"id": "b1", "created": "2024-01-01T00:00:00+00:00", "version": "v1", "files": files}
    (directory / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def restate(directory, **changes):
    files = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))["files"]
    files[0] |= changes
    write(directory, files)


def found(directory, required=("tasks.jsonl",)):
    findings = verify_backup(directory, "manifest.json", required, ManifestWords(), ())
    return [(finding.what, finding.where) for finding in findings]


def test_a_whole_backup_has_no_finding(backup):
    assert found(backup) == []
    assert read_manifest(backup, "manifest.json", ManifestWords()).files[0].rows == 2


def spoil_byte(directory):
    (directory / "tasks.jsonl").write_bytes(b'{"id":1}\n{"id":3}\n')


def truncate(directory):
    (directory / "tasks.jsonl").write_bytes(b'{"id":1}\n')


def link_folder_out(directory):
    outside = directory.parent / f"{directory.name}-live"
    outside.mkdir()
    (directory / "tasks.jsonl").rename(outside / "tasks.jsonl")
    (directory / "data").symlink_to(outside)
    restate(directory, name="data/tasks.jsonl")


def link_out(directory):
    (directory / "tasks.jsonl").rename(directory.parent / "elsewhere.jsonl")
    (directory / "tasks.jsonl").symlink_to(directory.parent / "elsewhere.jsonl")


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        pytest.param(spoil_byte, ("file changed", "tasks.jsonl"), id="one-byte"),
        pytest.param(truncate, ("file truncated", "tasks.jsonl"), id="truncated"),
        pytest.param(lambda d: (d / "tasks.jsonl").write_bytes(b""), ("file empty", "tasks.jsonl"), id="empty-file"),
        pytest.param(lambda d: (d / "tasks.jsonl").unlink(), ("file missing", "tasks.jsonl"), id="missing"),
        pytest.param(lambda d: (d / "more").write_bytes(b"x"), ("foreign file", "more"), id="foreign"),
        pytest.param(link_out, ("file outside the backup", "tasks.jsonl"), id="link"),
        pytest.param(link_folder_out, ("file outside the backup", "data/tasks.jsonl"), id="folder-link"),
        pytest.param(lambda d: (d / "more").symlink_to(d.parent), ("foreign file", "more"), id="foreign-folder-link"),
        pytest.param(lambda d: restate(d, name="../x"), ("file outside the backup", "../x"), id="path-upwards"),
        pytest.param(lambda d: restate(d, rows=3), ("rows missing", "tasks.jsonl"), id="rows"),
        pytest.param(lambda d: restate(d, name="agents.json"), ("file named twice", "agents.json"), id="twice"),
        pytest.param(lambda d: write(d, []), ("empty backup", "manifest.json"), id="empty-backup"),
        pytest.param(lambda d: write(d, []), ("required file missing", "tasks.jsonl"), id="required"),
        pytest.param(
            lambda d: (d / "manifest.json").unlink(), ("manifest unreadable", "manifest.json"), id="no-manifest"
        ),
        pytest.param(
            lambda d: (d / "manifest.json").write_text("[]"), ("manifest unreadable", "manifest.json"), id="no-form"
        ),
    ],
)
def test_a_spoiled_backup_is_found_out(backup, spoil, what):
    spoil(backup)
    assert what in found(backup)


def test_a_manifest_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(GodwitError, match=r"manifest\.json"):
        read_manifest(tmp_path, "manifest.json", ManifestWords())


def test_a_manifest_may_have_words_of_its_own_and_no_sizes(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    files = [{"path": "a", "sum": hashlib.sha256(b"x").hexdigest(), "kind": "file"}, {"path": "b", "kind": "folder"}]
    manifest = {"backup_id": "b1", "created": "2024-01-01", "version": "v1", "files": files}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "restore.sh").write_text("true\n", encoding="utf-8")
    said = {"id": "backup_id", "name": "path", "sha256": "sum", "bytes": False, "where": {"kind": ("file",)}}
    words = ManifestWords.model_validate(said)
    assert verify_backup(tmp_path, "manifest.json", ("a",), words, ("restore.sh",)) == ()
    (tmp_path / "a").write_bytes(b"xy")
    assert [it.what for it in verify_backup(tmp_path, "manifest.json", (), words, ("restore.sh",))] == ["file changed"]
