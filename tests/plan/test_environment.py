"""`${NAME}` is filled in addresses, stores and environments, missed only where it is needed, and masked where it is kept."""

from pathlib import Path

import pytest

from godwit.plan import load_plan, masked, resolve, secrets_of
from godwit.verdict import PlanError

HERE = Path(__file__).parent
FLEET = HERE / "good" / "fleet-1.0.5.yaml"
ROADMAP = HERE / "good" / "v3-roadmap.yaml"


def test_names_keep_their_text_until_a_profile_is_asked_for() -> None:
    assert load_plan(ROADMAP).stacks.baseline.drivers.model_dump()["endpoint"]["url"] == "http://${V2_HOST}:8000"


def test_loading_fills_the_names_that_the_environment_holds() -> None:
    drivers = load_plan(ROADMAP, {"V2_HOST": "127.0.0.1"}).stacks.baseline.drivers.model_dump()
    assert drivers["endpoint"]["url"] == "http://127.0.0.1:8000"
    assert drivers["compose"]["env"] == {"TOKEN": "${V2_TOKEN}"}


def test_a_profile_is_resolved_with_what_it_needs_only() -> None:
    plan = resolve(load_plan(FLEET), {"FLEET_API_KEY": "k"}, "process")
    assert plan.stacks.baseline.drivers.model_dump()["process"]["env"] == {"API_KEY": "k"}
    assert "${FLEET_DB_PASSWORD}" in plan.stacks.baseline.drivers.model_dump()["container"]["store"]
    assert plan.path == FLEET


def test_a_store_is_filled_and_other_braces_stay() -> None:
    plan = resolve(load_plan(FLEET), {"FLEET_DB_PASSWORD": "s3"}, "container")
    assert (
        plan.stacks.baseline.drivers.model_dump()["container"]["store"] == "postgresql+psycopg://fleet:s3@{store}/fleet"
    )


def test_every_missing_name_is_refused_with_its_place() -> None:
    with pytest.raises(PlanError) as refused:
        resolve(load_plan(ROADMAP), {"V3_HOST": "127.0.0.1"}, "endpoint")
    said = str(refused.value)
    assert f"{ROADMAP}:20:23: stacks.baseline.drivers.endpoint.url: the environment has no V2_HOST; set it" in said
    assert "stacks.router.drivers.endpoint.url: the environment has no ROUTER_HOST" in said
    assert "V3_HOST;" not in said


def test_an_empty_value_is_a_value() -> None:
    plan = resolve(load_plan(FLEET), {"FLEET_API_KEY": ""}, "process")
    assert plan.stacks.candidate.drivers.model_dump()["process"]["env"] == {"API_KEY": ""}


def test_the_secrets_of_a_profile_are_the_values_that_went_in() -> None:
    environ = {"FLEET_API_KEY": "k3y", "FLEET_DB_PASSWORD": "s3", "HOME": "/root"}
    assert secrets_of(load_plan(FLEET), environ, "process") == ("k3y",)
    assert secrets_of(load_plan(FLEET), environ, "container") == ("s3",)


@pytest.mark.parametrize(
    ("text", "secrets", "shown"),
    [
        ("no secret", ("s3",), "no secret"),
        ("key=s3cret, s3cret!", ("s3cret",), "key=***, ***!"),
        ("long s3cret", ("s3", "s3cret"), "long ***"),
        ("empty", ("",), "empty"),
    ],
    ids=["none", "twice", "longest-first", "empty-secret"],
)
def test_secrets_are_masked(text: str, secrets: tuple[str, ...], shown: str) -> None:
    assert masked(text, secrets) == shown
