"""The commands of a load have the places of their side, and those of each arrival are left to the generator."""

import pytest

from godwit.plan import LoadProfile
from godwit.session.typing_loads import typed
from godwit.verdict import GodwitError


def profile(*words, **env):
    look = {"id": "look", "path": "/", "share": 50.0}
    operations = [look, {"id": "typed", "command": words, "env": env, "share": 50.0}]
    return LoadProfile(id="short", rate_per_s=5.0, duration_s=1.0, operations=operations)


def test_places_are_filled_but_those_of_an_arrival():
    found = typed(
        profile("ask", "--at={url}", "{user}-{n}", STORE="{store}"), {"url": "u", "store": "s"}, {"FLAG": "on"}
    )
    assert found.keys() == {"typed"}
    assert found["typed"].words == ("ask", "--at=u", "{user}-{n}")
    assert found["typed"].env == {"FLAG": "on", "STORE": "s"}


def test_a_place_that_nobody_knows_is_an_error():
    with pytest.raises(GodwitError, match=r"unknown place \{store\}"):
        typed(profile("ask", "{store}"), {"url": "u"}, {})
