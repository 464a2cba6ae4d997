"""What a plan may say about walks and races, and what it is told when it may not."""

from typing import Any

import pytest
from pydantic import ValidationError

from godwit.plan import Paging, Race, Request


@pytest.mark.parametrize(
    "way",
    [
        pytest.param({}, id="none"),
        pytest.param({"link": True, "page": 1}, id="two"),
        pytest.param({"link": True, "parameter": "p"}, id="link-with-parameter"),
    ],
)
def test_a_page_leads_to_the_next_in_one_way(way: Any):
    with pytest.raises(ValidationError):
        Paging.model_validate(way)


def test_one_request_races_nobody():
    with pytest.raises(ValidationError, match="races nobody"):
        Race.model_validate({"id": "r", "contenders": [{"path": "/"}]})


@pytest.mark.parametrize("place", ["id", "@header/etag", "@headers/", "@headers/a b"])
def test_a_capture_is_a_pointer_or_a_header(place: str):
    with pytest.raises(ValidationError):
        Request.model_validate({"path": "/", "capture": {"x": place}})
