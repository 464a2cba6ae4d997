"""Places: names are filled per view, unknown names are refused with those that are known."""

import pytest

from godwit.stacks import Placement, fill, fill_text
from godwit.stacks.places import lay_out
from godwit.verdict import GodwitError


def test_every_word_of_a_command_is_filled() -> None:
    assert fill(("{python}", "-m", "x{port}y"), {"python": "/p", "port": "1"}) == ("/p", "-m", "x1y")


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        pytest.param("{{}}", "{}", id="braces"),
        pytest.param('{{"a": {seed}}}', '{"a": 7}', id="json"),
        pytest.param("{{seed}}", "{seed}", id="escaped-name"),
        pytest.param("plain", "plain", id="nothing-to-fill"),
    ],
)
def test_doubled_braces_are_literal(text: str, filled: str) -> None:
    assert fill_text(text, {"seed": "7"}) == filled


def test_a_filled_text_is_not_filled_again() -> None:
    assert fill_text("{a}", {"a": "{b}", "b": "no"}) == "{b}"


@pytest.mark.parametrize("text", [pytest.param("{sed}", id="unknown"), pytest.param("a{b", id="lone-brace")])
def test_what_cannot_be_filled_is_refused_with_the_known_names(text: str) -> None:
    with pytest.raises(GodwitError, match="known places: port, seed"):
        fill_text(text, {"seed": "7", "port": "1"})


def placements() -> dict[str, Placement]:
    store = "postgresql://{db.address}/x"
    return {
        role: Placement(
            {"url": f"http://{role}:8000", "db.address": f"{role}-db:5432", "port": "8000"},
            {"url": f"http://127.0.0.1:{port}", "db.address": f"127.0.0.1:{port + 1}", "port": str(port)},
            store,
        )
        for role, port in (("baseline", 18000), ("candidate", 18010))
    }


def test_a_tool_sees_stores_through_published_ports() -> None:
    places = lay_out({"seed": "7"}, placements())
    assert places.outside["candidate.store"] == "postgresql://127.0.0.1:18011/x"


def test_a_tool_may_name_the_interpreter_of_a_side() -> None:
    own = {"url": "http://127.0.0.1:1", "python": "/venv/bin/python", "port": "1"}
    outside = lay_out({"python": "/own"}, {"candidate": Placement(own, own)}).outside
    assert (outside["candidate.python"], outside["python"]) == ("/venv/bin/python", "/own")


def test_a_container_sees_the_other_role_by_its_alias() -> None:
    places = lay_out({"seed": "7"}, placements())
    inside = places.of("candidate", inside=True)
    assert (inside["baseline.url"], inside["baseline.store"], inside["store"]) == (
        "http://baseline:8000",
        "postgresql://baseline-db:5432/x",
        "postgresql://candidate-db:5432/x",
    )


def test_what_only_one_stack_has_is_not_shared_without_its_role() -> None:
    assert "port" not in lay_out({"seed": "7"}, placements()).outside
