"""Which switch is on: every source against every other, malformed values, files that change, break and vanish."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from fleet_1_0_5.candidate.feature_flags import FeatureFlags
from fleet_1_0_5.candidate.settings import GivenSettings, SettingsError, WatchedSettings

FLEET: dict[str, Any] = {"fleet": {"id": "f", "name": "F"}}
FEATURES = {
    "multiModelRouter": ("FEATURE_MULTI_MODEL_ROUTER", "ROUTING_ENABLED", "routing"),
    "streaming": ("FEATURE_STREAMING", "STREAMING_ENABLED", "streaming"),
}


def flags(document: dict[str, Any], environ: dict[str, str] | None = None, flagd: Path | None = None) -> FeatureFlags:
    """Switches of a configuration and an environment."""
    return FeatureFlags(GivenSettings(FLEET | document, environ or {}), flagd, environ or {})


def given(variable: str, value: bool | None) -> dict[str, str]:
    """A variable, if it has a value."""
    return {} if value is None else {variable: str(value).lower()}


@pytest.mark.parametrize("name", FEATURES)
def test_the_documents_matrix_has_one_result_in_each_case(name: str) -> None:
    variable, _, section = FEATURES[name]
    cases = itertools.product((None, True, False), (None, True, False), (True, False), (None, True, False))
    for env, file, inner, override in cases:
        document: dict[str, Any] = {section: {"enabled": inner}}
        if file is not None:
            document["features"] = {name: file}
        if override is not None:
            document["featureOverrides"] = {"agentType": {"test-generator": {name: override}}}
        switches = flags(document, given(variable, env))
        said = [value for value in (env, file, False) if value is not None]
        assert switches.is_on(name) is (said[0] and inner)
        assert switches.is_on(name, "quality-gate") is (said[0] and inner)
        own = [value for value in (override, *said) if value is not None]
        assert switches.is_on(name, "test-generator") is (own[0] and inner)


@pytest.mark.parametrize("name", FEATURES)
@pytest.mark.parametrize("inner", [True, False])
def test_the_inner_switch_in_the_environment_is_stronger_than_in_the_file(name: str, inner: bool) -> None:
    _, inner_variable, section = FEATURES[name]
    document = {"features": {name: True}, section: {"enabled": not inner}}
    assert flags(document, given(inner_variable, inner)).is_on(name) is inner


def test_what_is_set_at_run_time_stands_for_the_environment_until_it_is_withdrawn() -> None:
    switches = flags({"routing": {"enabled": True}}, {"FEATURE_MULTI_MODEL_ROUTER": "true"})
    switches.set_now({"multiModelRouter": False})
    assert switches.look_up("multiModelRouter") == (False, "admin")
    switches.set_now({"multiModelRouter": None})
    assert switches.look_up("multiModelRouter") == (True, "env")


@pytest.mark.parametrize("value", ["maybe", "", "-1", "101", "TRUE ", "null", "yes"])
def test_a_malformed_variable_says_nothing(value: str) -> None:
    switches = flags({"features": {"streaming": True}}, {"FEATURE_STREAMING": value})
    wanted = (True, "env") if value.strip().lower() == "true" else (True, "file")
    assert switches.look_up("streaming") == wanted
    assert len(switches.problems()) == (wanted[1] == "file")


@pytest.mark.parametrize("value", ["true", 1, 1e9, [True], {"on": True}, -1], ids=repr)
def test_a_malformed_value_in_the_file_means_off_and_is_told(value: Any) -> None:
    switches = flags({"features": {"streaming": value}, "streaming": {"enabled": True}})
    assert switches.look_up("streaming") == (False, "default")
    assert "streaming" in switches.problems()[0]


@pytest.mark.parametrize("document", [{"features": None}, {"features": [1]}, {"featureOverrides": 3}], ids=repr)
def test_a_block_that_is_no_mapping_means_off(document: dict[str, Any]) -> None:
    assert flags(document).features("test-generator") == {"multiModelRouter": False, "streaming": False}


def test_unknown_switches_are_left_alone() -> None:
    assert flags({"features": {"teleport": True}}).problems() == []


def test_a_flagd_file_is_stronger_than_the_configuration_and_weaker_than_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "flags.json"
    on = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "on"}
    file.write_text(json.dumps({"flags": {"streaming": on, "multiModelRouter": on | {"state": "DISABLED"}}}))
    switches = flags({"features": {"streaming": False}}, {}, file)
    assert switches.look_up("streaming") == (True, "flagd")
    assert switches.look_up("multiModelRouter") == (False, "default")
    assert flags({}, {"FEATURE_STREAMING": "false"}, file).look_up("streaming") == (False, "env")
    file.write_text('{"flags": {')
    assert switches.look_up("streaming") == (True, "flagd")
    assert "last good one stays in force" in switches.problems()[0]
    file.unlink()
    assert switches.look_up("streaming") == (True, "flagd")


def test_a_watched_file_acts_when_it_changes_and_not_when_it_breaks(tmp_path: Path) -> None:
    file = tmp_path / "fleet.yaml"
    text = "fleet: {id: f, name: F}\nfeatures: {streaming: %s}\nstreaming: {enabled: true, timeoutMs: %s}\n"
    file.write_text(text % ("false", 100))
    source = WatchedSettings(file, {})
    switches = FeatureFlags(source, None, {})
    assert not switches.is_on("streaming")
    file.write_text(text % ("true", 2000))
    assert switches.is_on("streaming")
    for broken in ("fleet: {id: f", text % ("false", -1), "- 1\n", ""):
        file.write_text(broken)
        assert switches.is_on("streaming")
        assert source.now().settings.streaming.timeoutMs == 2000
        assert "last good file stays in force" in switches.problems()[0]
    file.unlink()
    assert switches.is_on("streaming")
    file.write_text(text % ("false", 100))
    assert not switches.is_on("streaming")
    assert switches.problems() == []


def test_a_first_file_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        WatchedSettings(tmp_path / "missing.yaml", {})


def test_variables_change_settings_and_malformed_ones_are_left_out_and_told() -> None:
    environ = {"BUDGET_LIMIT_DAILY": "5.5", "STREAMING_TIMEOUT_MS": "soon", "ROUTING_DEFAULT_MODEL": "gpt"}
    read = GivenSettings(FLEET, environ)
    assert read.now().settings.routing.costTracking.budgetLimits.daily == 5.5
    assert read.now().settings.streaming.timeoutMs == 30_000
    assert read.now().settings.routing.defaultModel == "claude-sonnet-4.5"
    told = {problem.partition("=")[0] for problem in read.problems}
    assert told == {"STREAMING_TIMEOUT_MS", "ROUTING_DEFAULT_MODEL"}


@pytest.mark.parametrize(
    ("cost", "router", "tracked"),
    [(True, True, True), (True, False, False), (False, True, False)],
    ids=["both", "router-off", "tracking-off"],
)
def test_costs_are_tracked_while_the_router_is_in_effect(cost: bool, router: bool, tracked: bool) -> None:
    document = {
        "features": {"multiModelRouter": True},
        "routing": {"enabled": router, "costTracking": {"enabled": cost}},
    }
    assert flags(document).tracks_costs() is tracked
