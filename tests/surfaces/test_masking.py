"""Secrets of a recording become placeholders: the same wherever one stands, and nothing else is touched."""

from typing import Any

import pytest

from godwit.surfaces.masking import masked_lines


def line(**more: Any) -> dict[str, Any]:
    """One exchange as it was written."""
    return {"method": "GET", "path": "/", "headers": [], "status": 200, "response_headers": [], **more}


def test_a_token_has_one_placeholder_wherever_it_stands():
    made = line(response_body='{"jwt": "aaa.bbb-1"}')
    used = line(headers=[["Authorization", "Bearer aaa.bbb-1"]], path="/x?session=aaa.bbb-1")
    (first, second), count = masked_lines([made, used])
    assert first["response_body"] == '{"jwt": "godwit-secret-1"}'
    assert second["headers"] == [["Authorization", "Bearer godwit-secret-1"]]
    assert second["path"] == "/x?session=godwit-secret-1"
    assert count == 1


def test_cookies_keep_their_names_and_attributes():
    made = line(response_headers=[["set-cookie", "sid=s3cr3t; Path=/; HttpOnly"]])
    used = line(headers=[["cookie", "sid=s3cr3t; theme=dark-one"]])
    (first, second), _ = masked_lines([made, used])
    assert first["response_headers"] == [["set-cookie", "sid=godwit-secret-1; Path=/; HttpOnly"]]
    assert second["headers"] == [["cookie", "sid=godwit-secret-1; theme=godwit-secret-2"]]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param({"body": '{"password": "hunter22"}'}, {"body": '{"password": "godwit-secret-1"}'}, id="json"),
        pytest.param({"body": "user=u&password=hunter22"}, {"body": "user=u&password=godwit-secret-1"}, id="form"),
        pytest.param({"path": "/x?api_key=hunter22&a=b"}, {"path": "/x?api_key=godwit-secret-1&a=b"}, id="query"),
        pytest.param({"path": "/x?api-key=hunter22"}, {"path": "/x?api-key=godwit-secret-1"}, id="query, hyphen"),
        pytest.param(
            {"body": '{"passphrase": "hunter22"}'}, {"body": '{"passphrase": "godwit-secret-1"}'}, id="passphrase"
        ),
        pytest.param({"headers": [["X-Api-Key", "hunter22"]]}, {"headers": [["X-Api-Key", "godwit-secret-1"]]}, id="header"),
        pytest.param({"body": '{"title": "hunter22"}'}, {"body": '{"title": "hunter22"}'}, id="no-secret"),
    ],
)  # fmt: skip
def test_what_a_name_calls_a_secret_is_one(given, kept):
    (masked,), _ = masked_lines([line(**given)])
    assert masked == line(**kept)
