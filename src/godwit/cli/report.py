"""`godwit report`: makes the Allure report of a run from what lies in its folder; the verdict stays what it is."""

import os
import shutil
import tempfile
from pathlib import Path

import click

from godwit.cli.runs import newest
from godwit.reporting import read_verdict, seal_again
from godwit.verdict import HarnessError, Verdict


@click.command()
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option(
    "--allure", "version", type=click.Choice(["2", "3"]), default="3", show_default=True, help="Which Allure."
)
@click.option(
    "--results", type=click.Path(path_type=Path), help="What --alluredir left [default: made of the verdict]."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="A new folder for the report [default: RUN/allure-report]."
)
@click.option("--folder", is_flag=True, help="Many files for a web server, not one that opens by itself.")
@click.option("--history", type=click.Path(path_type=Path), help="Where the last runs are kept [default: beside RUN].")
def report(
    run: Path | None, version: str, results: Path | None, out: Path | None, folder: bool, history: Path | None
) -> None:
    """Make the Allure report of RUN [default: the newest in reports/out], with an Allure that is installed here.

    Allure 3 comes from npm (allure) and needs Node.js, Allure 2 (allure-commandline) needs Java. Nothing is downloaded,
    and the report calls nothing outside. The exit code says whether there is a report, not what the verdict is.
    """
    run = (run or newest(Path("reports/out"))).absolute()
    verdict = read_verdict(run)
    out = (out or run / f"allure{'' if version == '3' else '2'}-report").absolute()
    if out.exists() and not (out / "index.html").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise HarnessError(f"{out} is there and no report; name another with --out, or remove it")
    from godwit.reporting.allure_report import find_tool, make_report

    tool = find_tool(int(version), Path.cwd())
    kept = (history or run.parent / ".allure-history").absolute() / str(verdict.run.get("migration", "unknown"))
    with tempfile.TemporaryDirectory(prefix="godwit-results-") as name:
        gathered = _gathered(verdict, run, results, Path(name) / "results")
        page = make_report(tool, verdict, gathered, out, kept, single=not folder)
    seal_again(run, out)
    click.echo(f"{page}  ({verdict.word}, Allure {version})")


def _gathered(verdict: Verdict, run: Path, results: Path | None, place: Path) -> Path:
    """A copy of the results, complete; made of the verdict alone where there are none."""
    from godwit.reporting.allure import result_file
    from godwit.reporting.allure_sink import complete_allure

    if results is None:
        place.mkdir()
    elif not any(result_file(results, verdict.run_id, check.id).is_file() for check in verdict.checks):
        raise HarnessError(f"{results} holds no Allure result of the run {verdict.run_id}; leave --results out")
    else:
        shutil.copytree(results, place)
    complete_allure(verdict, place, run, os.environ)
    return place
