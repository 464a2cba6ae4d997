"""Makes installations of the clone: the documented samples, and others by a seed; everything but dates follows from both."""

import hashlib
import json
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

PRISTINE = Path(__file__).resolve().parents[1] / "baseline/clone"
INSTALLED = "2023-08-15"
PROJECTS = ("my-webapp", "api-service", "data-pipeline")
MODIFIED = (
    "config/hooks.yaml",
    "config/limits.yaml",
    "config/models.yaml",
    "config/prompts.yaml",
    "config/workflows.yaml",
)
SECRETS = ("CLAUDE_API_KEY", "DISCORD_BOT_TOKEN", "GITHUB_TOKEN", "INTERNAL_API_KEY", "WEBHOOK_SECRET")


@dataclass(frozen=True, slots=True)
class Shape:
    """How big an installation is: names of projects, modified files, secrets, custom agents, tasks of a project, log days."""

    projects: tuple[str, ...] = PROJECTS
    modified: tuple[str, ...] = MODIFIED
    secrets: tuple[str, ...] = SECRETS
    agents: tuple[str, ...] = ()
    tasks: int = 6
    log_days: int = 35
    discord: bool = True
    installed: str = INSTALLED


KINDS = {
    # Seven modified files count with orchestrator.yaml and discord-config.yaml, which every sample with Discord changes.
    "sample": Shape(),
    "assessment": Shape(modified=MODIFIED[:3]),
    "novice": Shape(("first-steps",), (), (), tasks=2, log_days=3, discord=False, installed="2023-12-20"),
    "advanced": Shape(agents=("security", "release"), tasks=12, installed="2022-11-02"),
}


def shape_by(draw: random.Random) -> Shape:
    """Any installation: other sizes, odd names, more or fewer of everything."""
    names = ("a", "my-webapp", "Ünïcode", "with space", "dots.in.name", "x" * 40, "api-service", "data_pipeline")
    return Shape(
        projects=tuple(draw.sample(names, draw.randint(0, 6))),
        modified=tuple(draw.sample(MODIFIED, draw.randint(0, len(MODIFIED)))),
        secrets=tuple(draw.sample(SECRETS, draw.randint(0, len(SECRETS)))),
        agents=tuple(draw.sample(("security", "release", "docs"), draw.randint(0, 3))),
        tasks=draw.randint(0, 9),
        log_days=draw.randint(0, 40),
        discord=draw.randint(0, 1) == 1,
    )


def make(target: Path, seed: int, kind: str) -> dict[str, int]:
    """Writes target/old-agent-workflow and target/code/NAME; returns how much of what there is."""
    draw = random.Random(f"{kind}-{seed}")
    shape = shape_by(draw) if kind == "generated" else KINDS[kind]
    clone = target / "old-agent-workflow"
    _lay_out(clone, shape)
    if shape.modified or shape.discord:
        _configure(clone, shape, draw)
    for number, name in enumerate(shape.projects):
        _project(target, clone, name, number, shape, draw)
    if shape.secrets:
        lines = [f"{name}={_secret(name, draw)}" for name in shape.secrets]
        _write(clone / ".env", "# secrets of the clone\n" + "\n".join(lines) + "\n")
        (clone / ".env").chmod(0o600)
    for name in shape.agents:
        _yaml(
            clone / f"custom/agent-{name}.yaml",
            {"name": name, "permissions": ["read", "review"], "prompt": f"Be {name}."},
        )
    for day in range(shape.log_days):
        date = f"2024-01-{15 - day:02d}" if day < 15 else f"2023-12-{46 - day:02d}"
        _write(clone / f"logs/orch-{date}.log", f"{date} INFO {draw.randint(1, 99)} tasks done\n")
    return {
        "projects": len(shape.projects),
        "secrets": len(shape.secrets),
        "files": sum(p.is_file() for p in target.rglob("*")),
    }


def _lay_out(clone: Path, shape: Shape) -> None:
    """The clone as it is released, with a list of what was released and the traces that git leaves."""
    unwanted = shutil.ignore_patterns("__pycache__", "__init__.py")
    shutil.copytree(PRISTINE, clone, ignore=unwanted)
    files = {p.relative_to(clone).as_posix(): _sha256(p) for p in sorted(clone.rglob("*")) if p.is_file()}
    _write(clone / "RELEASE.json", json.dumps({"version": "0.9.8", "files": files}, indent=2))
    _write(clone / "INSTALL.json", json.dumps({"installed": shape.installed}))
    _write(clone / ".git/HEAD", "ref: refs/heads/main\n")
    _write(clone / ".git/config", '[remote "origin"]\n\turl = https://github.com/user/agent-workflow\n')


def _configure(clone: Path, shape: Shape, draw: random.Random) -> None:
    """What the user changed in released files; two of the keys are of his own."""
    own: dict[str, Any] = {
        "orchestrator": {
            "default_mode": "blocking",
            "log_level": "INFO",
            "max_projects": draw.randint(4, 9),
            "poll_interval_s": 2.5,
        },
        "ai": {
            "provider": "claude",
            "model": "claude-3-opus",
            "max_tokens": 4096,
            "temperature": 0.2,
            "api_key_env": "CLAUDE_API_KEY",
        },
        "workspace": {"root": "~/code", "git": {"sign": True, "branch_prefix": "feature/"}},
    }
    if shape.discord:
        own["discord"] = {
            "enabled": True,
            "guild_id": str(draw.randint(10**17, 10**18)),
            "command_prefix": "/",
            "bot_token_env": "DISCORD_BOT_TOKEN",
            "embed_colour": "#5865F2",
        }
        channels = {name: f"orch-{name}" for name in shape.projects}
        _yaml(clone / "discord-config.yaml", {"channels": channels, "mentions": {"on_failure": ["@oncall"]}})
    _yaml(clone / "orchestrator.yaml", own)
    for name in shape.modified:
        content = (clone / name).read_text(encoding="utf-8")
        _write(clone / name, f"{content}site: {{edited_on: '2023-11-{draw.randint(1, 28):02d}', by: solo}}\n")


def _project(target: Path, clone: Path, name: str, number: int, shape: Shape, draw: random.Random) -> None:
    """A project file in the clone, and the project with its state beside it."""
    settings: dict[str, Any] = {"path": f"../code/{name}", "branch": "main", "priority": number + 1}
    if number % 2 == 0:
        settings |= {"mode": draw.choice(("blocking", "partial", "autonomous")), "agents": ["developer", "reviewer"]}
    if shape.discord:
        settings["discord"] = {
            "channel_id": str(draw.randint(10**17, 10**18)),
            "channel_name": f"orch-{name}",
            "muted": False,
        }
    if number == 0:
        settings["labels"] = {"team": "Grüße", "cost_centre": "0042"}
    _yaml(clone / f"projects/{name}.yaml", settings)
    state = target / "code" / name / ".orch-state"
    tasks = [f"task-{draw.randint(1000, 9999)}-{each}" for each in range(shape.tasks)]
    for task in tasks:
        body = {"id": task, "status": draw.choice(("queued", "running", "done")), "title": f"Füge {task} hinzu"}
        _write(state / f"tasks/{task}.json", json.dumps(body, ensure_ascii=False, indent=2))
    _write(state / "state.json", json.dumps({"project": name, "sprint": draw.randint(1, 30), "tasks": tasks}))
    _write(state / "history.jsonl", "".join(json.dumps({"n": n, "task": task}) + "\n" for n, task in enumerate(tasks)))
    (state / "cache.bin").write_bytes(draw.randbytes(draw.randint(0, 4096)))
    (state / "locks").mkdir()
    (state / "latest").symlink_to("state.json")
    (state / "history.jsonl").chmod(0o640)
    _write(target / "code" / name / "README.md", f"# {name}\n")


def _secret(name: str, draw: random.Random) -> str:
    prefix = {"CLAUDE_API_KEY": "sk-ant-", "GITHUB_TOKEN": "ghp_"}.get(name, "")
    return prefix + "".join(draw.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=32))


def _yaml(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    yaml = YAML()
    yaml.width = 1000
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(value, file)


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
