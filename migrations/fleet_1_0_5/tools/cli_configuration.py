"""Commands that bring configurations and programs of users to 1.0.5, and one that checks what came of it."""

from pathlib import Path

import click

from fleet_1_0_5.tools.cli import tools
from fleet_1_0_5.tools.codemod import Rewritten, rewritten
from fleet_1_0_5.tools.config_files import problems, read_config, write_config
from fleet_1_0_5.tools.conversion import ConversionError, convert
from fleet_1_0_5.tools.refusals import RefusedError

File = click.Path(path_type=Path)
OLD, NEW = Path("config/fleet.yaml"), Path("config/fleet.v1.0.5.yaml")


@tools.command("migrate-config")
@click.argument("old", type=File, default=OLD)
@click.argument("new", type=File, default=NEW)
def migrate_config(old: Path, new: Path) -> None:
    """Write the configuration OLD of 1.0.4 as NEW for 1.0.5, with every feature off."""
    if new.exists() and old.exists() and new.samefile(old):
        raise RefusedError(f"{new} is the old configuration itself; write to another file and compare")
    click.echo(f"Migrating config from {old} to {new}")
    try:
        converted = convert(read_config(old))
    except ConversionError as error:
        raise RefusedError(f"{old}: {error}") from None
    write_config(new, converted.document, like=old)
    for note in converted.notes:
        click.echo(f"note: {note}")
    click.echo("Migration complete!")
    if not any(converted.document["features"].values()):
        click.echo("IMPORTANT: Features are DISABLED by default for safety.")
        click.echo("Review the new config and enable features when ready.")


@tools.command("validate-config")
@click.argument("file", type=File, default=OLD)
def validate_config(file: Path) -> None:
    """Check that FILE is a configuration that 1.0.5 can be started with."""
    document = read_config(file)
    found = problems(document)
    if found:
        raise RefusedError(*(f"{file}: {problem}" for problem in found))
    on = ", ".join(name for name, value in document["features"].items() if value is True)
    click.echo(f"{file} is valid for 1.0.5; features on: {on or 'none'}")


@tools.command("migrate-agents")
@click.argument("paths", type=File, nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Change nothing; exit 1 if there is something to change.")
def migrate_agents(paths: tuple[Path, ...], *, check: bool) -> None:
    """Rename performTask to performTaskImpl in all agents of the files and folders PATHS."""
    files = _python_files(paths)
    changed = [change for file in files if (change := _rewritten(file)) is not None]
    for change in changed:
        for line in change.changes:
            click.echo(f"{change.file}: {line}")
    if check and changed:
        raise RefusedError(f"{len(changed)} of {len(files)} files would be changed")
    for change in changed:
        draft = change.file.with_name(f"{change.file.name}.new")
        draft.write_bytes(change.content)
        draft.chmod(change.file.stat().st_mode)
        draft.replace(change.file)
    click.echo(f"{len(changed)} of {len(files)} files changed")


def _python_files(paths: tuple[Path, ...]) -> list[Path]:
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise RefusedError(*(f"{path}: there is no such file or folder" for path in missing))
    return sorted({file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path])})


def _rewritten(file: Path) -> Rewritten | None:
    try:
        return rewritten(file, file.read_bytes())
    except SyntaxError as error:
        raise RefusedError(f"{file}:{error.lineno or 1}: this is no Python: {error.msg}; nothing was changed") from None
    except OSError as error:
        raise RefusedError(f"{file} cannot be read: {error.strerror}; nothing was changed") from None
