"""The legacy orchestrator, run from its clone: settings in YAML beside it, state in the projects; warns when its end is near."""

import argparse
import json
import os
import signal
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from ruamel.yaml import YAML

HERE = Path(__file__).resolve().parent
VERSION = "0.9.8"
FROM_ENVIRONMENT = "ORCH_CREDENTIAL_"
DEPRECATED, SECURITY_ONLY, SUNSET = timedelta(weeks=2), timedelta(weeks=8), timedelta(weeks=17)
DEFAULTS = {"default_mode": "blocking", "log_level": "INFO", "max_projects": 5}


def read(path: Path) -> dict[str, Any]:
    """A YAML file, empty when it is not there."""
    return dict(YAML(typ="safe").load(path) or {}) if path.is_file() else {}


def settings() -> dict[str, Any]:
    """Everything that is in effect, defaults included."""
    own = read(HERE / "orchestrator.yaml")
    rest = {path.relative_to(HERE).as_posix(): read(path) for path in sorted((HERE / "config").glob("*.yaml"))}
    return {
        "orchestrator": {**DEFAULTS, **(own.get("orchestrator") or {})},
        **{name: value for name, value in own.items() if name != "orchestrator"},
        "discord-config": read(HERE / "discord-config.yaml"),
        "files": rest,
    }


def projects() -> dict[str, dict[str, Any]]:
    """Each project's settings by its name."""
    return {path.stem: read(path) for path in sorted((HERE / "projects").glob("*.yaml"))}


def folder_of(project: dict[str, Any]) -> Path:
    """Where a project lies; its path starts from the clone."""
    return Path(os.path.normpath(HERE / Path(project["path"]).expanduser()))


def tasks(project: dict[str, Any]) -> list[str]:
    """The tasks that a project's state names."""
    path = folder_of(project) / ".orch-state/state.json"
    return list(json.loads(path.read_bytes())["tasks"]) if path.is_file() else []


def credential_names() -> list[str]:
    """Names of the secrets, of .env and of the environment."""
    said = (name.removeprefix(FROM_ENVIRONMENT) for name in os.environ if name.startswith(FROM_ENVIRONMENT))
    return sorted({*dotenv_values(HERE / ".env", interpolate=False), *said})


def age() -> timedelta | None:
    """How long ago the package was released; ORCH_RELEASED and ORCH_TODAY are dates."""
    released = os.environ.get("ORCH_RELEASED")
    if not released:
        return None
    today = os.environ.get("ORCH_TODAY")
    return (date.fromisoformat(today) if today else datetime.now(UTC).date()) - date.fromisoformat(released)


def warn() -> None:
    """On the error stream, so that what commands print stays the same."""
    since = age()
    if since is None or since < DEPRECATED:
        return
    print("orch: deprecated: this version is replaced by: pip install agent-workflow", file=sys.stderr)
    if since >= SECURITY_ONLY:
        end = date.fromisoformat(os.environ["ORCH_RELEASED"]) + SUNSET
        print(f"orch: security updates only; end of life on {end.isoformat()}", file=sys.stderr)
    if since >= SUNSET:
        print("orch: end of life: no longer supported; run agent-orch migrate-from-git", file=sys.stderr)


def show_status() -> None:
    """What is installed."""
    found = settings()["orchestrator"]
    print(f"mode: {found['default_mode']}\nprojects: {len(projects())}\ncredentials: {len(credential_names())}")


def show_projects() -> None:
    """Every project with its folder, mode and number of tasks."""
    mode = settings()["orchestrator"]["default_mode"]
    for name, project in projects().items():
        print(f"{name}  {folder_of(project)}  {project.get('mode', mode)}  {len(tasks(project))} tasks")


def set_up() -> None:
    """Notes the day of the installation; refused after the end of life."""
    since = age()
    if since is not None and since >= SUNSET:
        print("orch: end of life: install agent-workflow with pip instead", file=sys.stderr)
        raise SystemExit(1)
    path = HERE / "INSTALL.json"
    if not path.exists():
        path.write_text(json.dumps({"installed": datetime.now(UTC).date().isoformat()}) + "\n", encoding="utf-8")
    print("set up")


def start() -> None:
    """Orchestrates until it is told to end."""
    path = HERE / ".orch.pid"
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    path.write_text(str(os.getpid()), encoding="utf-8")
    print("started", flush=True)
    try:
        while True:
            time.sleep(0.2)
    finally:
        path.unlink(missing_ok=True)


def stop() -> None:
    """Asks a running orchestrator to end."""
    path = HERE / ".orch.pid"
    if path.is_file():
        os.kill(int(path.read_text(encoding="utf-8")), signal.SIGTERM)
    print("stopped")


COMMANDS = {
    "status": show_status,
    "projects": show_projects,
    "settings": lambda: print(json.dumps(settings(), indent=2, sort_keys=True)),
    "credentials": lambda: print("\n".join(credential_names())),
    "setup": set_up,
    "start": start,
    "stop": stop,
}


def main() -> None:
    """Exit code 0 is done, 1 refused, 2 misused."""
    parser = argparse.ArgumentParser(prog="orch", description=__doc__)
    parser.add_argument("--version", action="version", version=f"orch {VERSION}")
    parser.add_argument("command", choices=list(COMMANDS))
    chosen = parser.parse_args()
    warn()
    COMMANDS[chosen.command]()


if __name__ == "__main__":
    main()
