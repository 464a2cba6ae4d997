"""Conversion of settings and projects, key by key, with and without each part."""

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pip_package.proofs.proof import Place, part
from plumbing.proof import Proof

OWN = {"default_mode": "partial", "log_level": "DEBUG", "max_projects": 9, "poll_interval_s": 2.5, "team": ["a"]}


def prove(proof: Proof, folder: Path) -> None:
    """All of it."""
    made = part("conversion").ConfigurationConverter()
    _heading(proof, made)
    _global(proof, made)
    _parts(proof, made)
    _nothing_lost(proof, made)
    _registry(proof, Place(folder / "a"))
    _installation(proof, Place(folder / "b", "advanced"))
    proof.refuses(
        "settings that are none are refused", part("refusals").RefusedError, made.convert_global_config, {"ai": 7}
    )


def _heading(proof: Proof, made: Any) -> None:
    one, two = made.convert_global_config({}), made.convert_global_config({})
    proof.that("the version is 1.0, a text", one["version"] == "1.0")
    proof.that("the time of making is ISO", datetime.fromisoformat(one["created"]))
    ids = [uuid.UUID(each["installation"]["id"]) for each in (one, two)]
    proof.that("the id is a UUID of version 4", [each.version for each in ids] == [4, 4])
    proof.that("and another one each time", ids[0] != ids[1])
    proof.that("the method is migration", one["installation"]["method"] == "migration")
    proof.that("the version of the package is kept", one["installation"]["package_version"] == "1.0.0")
    proof.that("nothing else without old settings", set(one) == {"version", "created", "installation"})


def _global(proof: Proof, made: Any) -> None:
    defaults = made.convert_global_config({"orchestrator": {}})["global"]
    wanted = {"default_mode": "blocking", "log_level": "INFO", "max_concurrent_projects": 5}
    for name, value in wanted.items():
        proof.that(
            f"{name} is {value} when nothing is said", defaults[name] == value and type(defaults[name]) is type(value)
        )
    own = made.convert_global_config({"orchestrator": OWN})["global"]
    proof.that("the mode is kept", own["default_mode"] == "partial")
    proof.that("the level is kept", own["log_level"] == "DEBUG")
    proof.that("the number of projects is kept, a number", own["max_concurrent_projects"] == 9)
    proof.that("who works alone is a solo engineer", own["user_profile"] == "solo-engineer")
    team = made.convert_global_config({"orchestrator": {"team": ["a", "b"]}})["global"]
    proof.that("who names a team is in one", team["user_profile"] == "team-engineer")
    for name in ("ai", "discord", "workspace"):
        proof.that(f"no global part for {name} alone", "global" not in made.convert_global_config({name: {}}))


def _parts(proof: Proof, made: Any) -> None:
    for old, new in (("ai", "ai_provider"), ("discord", "discord")):
        proof.that(f"{old} becomes {new}", new in made.convert_global_config({old: {"enabled": True}}))
        proof.that(f"no {new} without {old}", new not in made.convert_global_config({"orchestrator": {}}))
    ai = made.convert_global_config({"ai": {"provider": "claude", "model": "m", "max_tokens": 1, "api_key_env": "K"}})
    proof.that(
        "the provider has its names",
        ai["ai_provider"] == {"name": "claude", "model": "m", "max_tokens": 1, "credential": "K"},
    )


def _nothing_lost(proof: Proof, made: Any) -> None:
    old = {
        "orchestrator": OWN,
        "ai": {"own": 1},
        "discord": {"embed_colour": "#1"},
        "workspace": {"git": {"sign": True}},
    }
    kept = made.convert_global_config(old)["legacy_extra"]["orchestrator.yaml"]
    proof.that("unknown keys of the orchestrator stay", kept["orchestrator"] == {"poll_interval_s": 2.5, "team": ["a"]})
    proof.that("unknown keys of ai stay", kept["ai"] == {"own": 1})
    proof.that("unknown keys of Discord stay", kept["discord"] == {"embed_colour": "#1"})
    proof.that("unknown parts stay", kept["workspace"] == {"git": {"sign": True}})


def _registry(proof: Proof, place: Place) -> None:
    made = part("conversion").ConfigurationConverter(part("places").Home(place.home))
    registry = made.convert_project_registry(place.source / "projects")
    names = sorted(path.stem for path in (place.source / "projects").glob("*.yaml"))
    proof.that("it has a version, a time and projects", set(registry) == {"version", "created", "projects"})
    proof.that("every file is one entry by its stem", sorted(registry["projects"]) == names and len(names) == 3)
    for name in names:
        old = part("documents").read(place.source / f"projects/{name}.yaml")
        new = registry["projects"][name]
        proof.that(f"{name} is where it was", new["path"] == f"~/code/{name}")
        proof.that(f"the channel of {name} is mapped", new["discord_channel"]["id"] == old["discord"]["channel_id"])
        proof.that(f"the rest of {name} is kept", new["priority"] == old["priority"] and new["branch"] == "main")
        labels = new.get("legacy_extra", {}).get("labels")
        proof.that(f"labels stay with {name} if it has any", labels == old.get("labels"))
    (place.source / "projects/empty.yaml").write_text("")
    proof.refuses(
        "a project file that says nothing is refused",
        part("refusals").RefusedError,
        made.convert_project_registry,
        place.source / "projects",
    )
    (place.source / "projects/empty.yaml").write_text("a: [")
    proof.refuses(
        "a malformed one is, too",
        part("refusals").RefusedError,
        made.convert_project_registry,
        place.source / "projects",
    )


AI = {
    "provider": "name",
    "model": "model",
    "max_tokens": "max_tokens",
    "temperature": "temperature",
    "api_key_env": "credential",
}
DISCORD = {
    "enabled": "enabled",
    "guild_id": "guild_id",
    "command_prefix": "command_prefix",
    "bot_token_env": "credential",
}
PROJECT = {"mode": "default_mode", "branch": "branch", "agents": "agents", "priority": "priority"}


def _installation(proof: Proof, place: Place) -> None:
    """Every file of a whole clone, each key where it belongs, with its type."""
    read = YAML(typ="safe").load
    files = {path.relative_to(place.source).as_posix(): read(path) for path in sorted(place.source.rglob("*.yaml"))}
    found = part("legacy").LegacyInstallation(place.source)
    made = part("conversion").ConfigurationConverter(part("places").Home(place.home))
    new = made.convert_installation(found.settings(), found.agents())
    old, channels = files.pop("orchestrator.yaml"), files.pop("discord-config.yaml")
    agents = {Path(name).stem: files.pop(name) for name in list(files) if name.startswith("custom/")}
    projects = {Path(name).stem: files.pop(name) for name in list(files) if name.startswith("projects/")}
    main = old["orchestrator"]
    wanted = {
        "user_profile": "solo-engineer",
        "default_mode": main["default_mode"],
        "log_level": main["log_level"],
        "max_concurrent_projects": main["max_projects"],
    }
    proof.that("global settings are those of the clone", _same(new.get("global"), wanted))
    proof.that("the provider is that of the clone", _same(new.get("ai_provider"), _renamed(old["ai"], AI)))
    discord = {**_renamed(old["discord"], DISCORD), "channels": channels["channels"]}
    proof.that("Discord is that of the clone", _same(new.get("discord"), discord))
    said = {agent["name"]: {key: value for key, value in agent.items() if key != "name"} for agent in agents.values()}
    proof.that(
        "agents of one's own and of the clone may what they might",
        _same(new.get("agents"), {**files["config/agents.yaml"]["agents"], **said}),
    )
    extra = new.get("legacy_extra", {})
    proof.that("every other file is kept as it is", all(_same(extra.get(name), said) for name, said in files.items()))
    own = {
        "orchestrator": {"poll_interval_s": 2.5},
        "discord": {"embed_colour": "#5865F2"},
        "workspace": old["workspace"],
    }
    proof.that("keys without a place are kept", _same(extra.get("orchestrator.yaml"), own))
    for name, project in projects.items():
        entry = made.convert_project(place.source / f"projects/{name}.yaml")
        kept = {new_name: entry[new_name] for new_name in PROJECT.values() if new_name in entry}
        proof.that(f"settings of {name} are kept", _same(kept, _renamed(project, PROJECT)))
        channel = {"id": project["discord"]["channel_id"], "name": project["discord"]["channel_name"]}
        proof.that(f"the channel of {name} is its own", entry.get("discord_channel") == channel)
        proof.that(f"{name} lies where it lay", entry["path"] == f"~/code/{name}")


def _renamed(old: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {new: old[name] for name, new in names.items() if name in old}


def _same(found: Any, wanted: Any) -> bool:
    """Equal, and of the same types all through."""
    if isinstance(wanted, dict):
        return (
            isinstance(found, dict)
            and found.keys() == wanted.keys()
            and all(_same(found[k], wanted[k]) for k in wanted)
        )
    return type(found) is type(wanted) and bool(found == wanted)
