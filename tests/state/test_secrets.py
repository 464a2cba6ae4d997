"""Secrets in plain are found in whatever they are packed, and what cannot be looked into is told."""

import gzip

import pytest

from godwit.state import plain_secrets
from godwit.verdict import HarnessError

SECRET = "a-long-secret-word"


def packed(path, times):
    content = SECRET.encode()
    for _ in range(times):
        content = gzip.compress(content)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("times", [0, 1, 4])
def test_a_secret_is_found_however_often_it_is_packed(tmp_path, times):
    found = plain_secrets([packed(tmp_path / "x", times)], {"key": SECRET})
    assert [(it.key, it.path.count("gzip")) for it in found] == [("key", times)]


def test_what_is_packed_too_often_to_be_looked_into_is_an_error(tmp_path):
    with pytest.raises(HarnessError, match="packed more than 4 times"):
        plain_secrets([packed(tmp_path / "x", 5)], {"key": SECRET})
