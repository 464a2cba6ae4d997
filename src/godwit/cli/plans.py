"""`godwit plan`: check, show, cases, schema."""

import json
import sys

import click

from godwit.checks import cases as flag_cases
from godwit.checks import prove
from godwit.cli.find import find_plan, read_plan
from godwit.plan import Plan, coverage, lint, read_rows, reference, schema, tree
from godwit.session import Expansion, expand, unasked
from godwit.session.shipped import catalogue
from godwit.verdict import PlanError


@click.group()
def plan() -> None:
    """Check, show or describe plans."""


@plan.command()
@click.argument("migration")
@click.option("--strict", is_flag=True, help="Warnings fail too.")
def check(migration: str, strict: bool) -> None:
    """Check a plan: its words, its references, its lints, and who answers for each row of its criteria file."""
    found = read_plan(migration)
    expanded = _expanded(found)
    expected = [record.id for record in expanded.expected] if expanded else None
    file = found.migration.criteria_file
    rows = read_rows(found.directory / file) if file else ()
    lints = lint(found, catalogue(), rows, expected, unasked(found, expanded) if expanded else ())
    for item in lints:
        click.echo(f"{item.level}: {item.id}: {item.where}: {item.message}")
    if expanded is None and not any(item.level == "error" for item in lints):
        expand(found)  # says what no lint said
    errors = sum(item.level == "error" for item in lints)
    warnings = sum(item.level == "warning" for item in lints)
    click.echo(f"{find_plan(migration)}: {errors} error(s), {warnings} warning(s), {_checks(expected)}")
    if rows:
        seen = coverage(rows)
        click.echo(
            f"{len(rows)} rows; checks answer {seen.answered} of the {seen.rows} that can be ({seen.percent:.0f} %)"
        )
    sys.exit(4 if errors or (strict and warnings) else 0)


def _expanded(found: Plan) -> Expansion | None:
    """The plan's checks; None where its flag matrix cannot be made, which a lint says at its place."""
    try:
        return expand(found)
    except PlanError:
        return None


def _checks(expected: list[str] | None) -> str:
    return "its checks cannot be listed" if expected is None else f"{len(expected)} checks expected"


@plan.command()
@click.argument("migration")
@click.option(
    "--profile", type=click.Choice(["process", "container", "endpoint"]), default="process", show_default=True
)
def show(migration: str, profile: str) -> None:
    """Print what will happen as a numbered tree: phases, steps, gates, what is written, how long it takes."""
    click.echo(tree(read_plan(migration), profile))


@plan.command()
@click.argument("migration")
def cases(migration: str) -> None:
    """List the assignments of the flag matrix, and the proof that they cover what the plan asks for."""
    flags = read_plan(migration).flags
    made = flag_cases(flags, ["healthy"])
    if not made:
        click.echo("the plan names no flags, so there is no matrix")
        return
    for case in made:
        click.echo(case.id.removesuffix(".healthy"))
    proof = prove(flags, [case.flags for case in made])
    click.echo(f"{'proved' if proof.holds else 'NOT PROVED'}: {proof}")
    sys.exit(0 if proof.holds else 4)


@plan.command(name="schema")
@click.option("--docs", is_flag=True, help="As a page in Markdown.")
def schema_(docs: bool) -> None:
    """Print the JSON Schema of plans, or the reference page made from it."""
    click.echo(reference() if docs else json.dumps(schema(), indent=2), nl=not docs)
