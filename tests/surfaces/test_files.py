"""Files that a command left are read by pattern, and nothing beyond its folder is."""

from godwit.surfaces import files, written


def test_files_are_kept_by_name_and_content(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.json").write_text("{}")
    (tmp_path / "a.txt").write_text("x")
    assert written(tmp_path, ("*.txt", "**/*.json")) == ((("a.txt", b"x"), ("deep/b.json", b"{}")), ())


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "in" / "out").symlink_to(tmp_path)
    assert written(tmp_path / "in", ("*", "out/*")) == ((), ())


def test_what_is_too_large_or_too_many_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "FILE_LIMIT", 3)
    monkeypatch.setattr(files, "MOST_FILES", 1)
    for name, text in (("a", "x"), ("b", "x"), ("c", "long")):
        (tmp_path / name).write_text(text)
    assert written(tmp_path, ("*",)) == ((("a", b"x"),), ("c", "1 more files"))
