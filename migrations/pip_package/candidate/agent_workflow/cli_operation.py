"""Commands of every day: what is there, whether it is well, starting and stopping, and the manual way of moving."""

import json
from collections.abc import Callable
from pathlib import Path

import click

from . import VERSION, documents, integrations, schema, screens, service
from .cli import FOLDER, home_option
from .cli_migration import source_of
from .credentials import OPEN_TO_OTHERS, CredentialStore
from .journal import Journal
from .manual import PARTS, Import, export, init
from .metrics import MigrationMetrics
from .places import Home
from .refusals import RefusedError

Check = tuple[str, bool, str]


def demand_installed(home: Home) -> None:
    """RefusedError when nothing is installed, or only a part of it."""
    journal = Journal.read(home)
    if journal is not None and not journal.complete:
        raise RefusedError(
            "incomplete",
            f"{home.folder}: its migration is not complete; run agent-orch recover --issue partial_migration",
        )
    if not home.config.exists() or not home.registry.exists():
        raise RefusedError(
            "not-installed", f"{home.folder}: nothing is installed; run agent-orch migrate-assess or init --minimal"
        )


@click.command()
@home_option
def status(home: Home) -> None:
    """Show what is installed and how its projects are."""
    demand_installed(home)
    journal = Journal.read(home)
    config = documents.read(home.config)
    pending = ", ".join(journal.pending) if journal else ""
    screens.tree(
        f"agent-workflow {VERSION} in {home.folder}",
        [
            f"Installed by: {config['installation']['method']}",
            f"Mode: {config.get('global', {}).get('default_mode', 'blocking')}",
            f"Projects: {len(service.projects(home))}",
            f"Orchestrator: {'running' if service.running(home) else 'stopped'}",
            f"Integrations to resume: {pending or 'none'}",
        ],
    )


@click.group("projects")
def projects() -> None:
    """Work with the registered projects."""


@projects.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@home_option
def projects_list(as_json: bool, home: Home) -> None:
    """List the projects, their folders and how many tasks they have."""
    demand_installed(home)
    found = service.projects(home)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for each in found:
        click.echo(f"{each['name']}  {each['path']}  {each['mode']}  {each['tasks']} tasks")


@click.command()
@click.option("--check-all", is_flag=True, help="Look at the integrations, too.")
@click.option("--offline", is_flag=True, help="Leave the integrations out.")
@home_option
def health(check_all: bool, offline: bool, home: Home) -> int:
    """Check the installation; exit code 1 when anything is wrong."""
    checks = [*local_checks(home), *(integration_checks(home) if check_all and not offline else [])]
    screens.tree("Health:", [f"{screens.mark(good)} {what}: {said}" for what, good, said in checks])
    return 0 if all(good for _, good, _ in checks) else 1


def local_checks(home: Home) -> list[Check]:
    """What can be seen without a network."""
    looks: dict[str, Callable[[], str]] = {
        "installation": lambda: _complete(home),
        "configuration": lambda: _valid(home.config, schema.GLOBAL_CONFIG_SCHEMA),
        "registry": lambda: _valid(home.registry, schema.REGISTRY_SCHEMA),
        "credentials": lambda: f"{len(CredentialStore(home).names())} readable",
        "projects": lambda: _projects(home),
        "permissions": lambda: _permissions(home),
    }
    found: list[Check] = []
    for what, look in looks.items():
        try:
            found.append((what, True, look()))
        except (RefusedError, ValueError, KeyError, OSError) as error:
            found.append((what, False, str(error)))
    return found


def integration_checks(home: Home) -> list[Check]:
    """Each integration, asked."""
    try:
        asked = integrations.endpoints(documents.read(home.config), CredentialStore(home).read())
    except (RefusedError, OSError) as error:
        return [("integrations", False, str(error))]
    return [(integrations.NAMES[each.name], each.works, each.detail) for each in map(integrations.connect, asked)]


def _complete(home: Home) -> str:
    demand_installed(home)
    return "complete"


def _valid(path: Path, wanted: dict[str, object]) -> str:
    schema.ConfigurationValidator().validate(documents.read(path), wanted)
    return "valid"


def _projects(home: Home) -> str:
    found = service.projects(home)
    gone = [each["name"] for each in found if not each["there"]]
    if gone:
        raise ValueError(f"without their folder: {', '.join(gone)}")
    return f"{len(found)} with their state"


def _permissions(home: Home) -> str:
    private = [home.credentials, home.key, home.config, home.registry]
    loose = [path.name for path in private if path.exists() and path.stat().st_mode & OPEN_TO_OTHERS]
    if loose:
        raise ValueError(f"others may read {', '.join(loose)}; run chmod 600 on them")
    return "for the owner only"


@click.command()
@click.option("--discord", is_flag=True, help="Connect to Discord and answer there.")
@click.option("--once", is_flag=True, help="Answer what waits in the channels, and end.")
@home_option
def start(discord: bool, once: bool, home: Home) -> None:
    """Start orchestrating, beside this command."""
    demand_installed(home)
    if once:
        click.echo(f"answered {service.answer_once(home)} commands")
        return
    click.echo(f"orchestrator runs as {service.start(home, with_discord=discord)}")


@click.command()
@home_option
def stop(home: Home) -> None:
    """Stop the orchestrator of this home."""
    click.echo("stopped" if service.stop(home) else "was not running")


@click.command(hidden=True)
@click.option("--discord", is_flag=True)
@home_option
def serve(discord: bool, home: Home) -> None:
    """Orchestrate in this process until it is told to end."""
    service.serve(home, with_discord=discord)


@click.command("init")
@click.option(
    "--minimal", is_flag=True, expose_value=False, help="The defaults and no project; there is no other way yet."
)
@home_option
def init_command(home: Home) -> None:
    """Set up an empty installation."""
    init(home)
    click.echo(f"set up {home.folder}")


@click.command("export-config")
@click.argument("folder", type=FOLDER)
@click.option("--from", "source", type=FOLDER, help="The clone; else the one that lies where clones lie.")
@home_option
def export_config(folder: Path, source: Path | None, home: Home) -> None:
    """Export a clone's configuration into five folders; secrets are encrypted."""
    screens.tree(
        "Exporting configuration...",
        [f"{name}/: {count} files" for name, count in export(source_of(source), folder, home).items()],
    )
    click.echo(f"Export complete: {folder}")


@click.command("import-config")
@click.argument("folder", type=FOLDER)
@click.option("--interactive", is_flag=True, help="Ask before each part.")
@click.option("--offline", is_flag=True, help="Leave the integrations untested.")
@home_option
def import_config(folder: Path, interactive: bool, offline: bool, home: Home) -> None:
    """Import an export: settings, projects, credentials, integrations, validation."""
    taken = Import(folder, home, offline=offline)
    for number, part in enumerate(PARTS, 1):
        if interactive and not click.confirm(f"[{number}/{len(PARTS)}] Import {part}?", default=True):
            raise click.Abort
        click.echo(f"{part}: {taken.take(part)}")


@click.command("metrics")
@home_option
def metrics(home: Home) -> None:
    """Print the report on all migrations of this home as JSON."""
    click.echo(json.dumps(MigrationMetrics.load(home).generate_migration_report(), indent=2))


@click.group("credentials")
def credentials_group() -> None:
    """Work with the encrypted store; only `reveal` shows a secret."""


@credentials_group.command("list")
@home_option
def credentials_list(home: Home) -> None:
    """List the names of the credentials."""
    for name in CredentialStore(home).names():
        click.echo(name)


@credentials_group.command("reveal")
@click.argument("name")
@home_option
def credentials_reveal(name: str, home: Home) -> None:
    """Print one secret, for programs that need it."""
    secrets = CredentialStore(home).read()
    if name not in secrets:
        raise RefusedError(
            "no-credentials", f"{name}: there is no such credential; known are {', '.join(sorted(secrets))}"
        )
    click.echo(secrets[name])


COMMANDS = (
    status, projects, health, start, stop, serve, init_command, export_config, import_config, metrics, credentials_group,
)  # fmt: skip
