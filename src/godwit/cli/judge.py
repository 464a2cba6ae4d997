"""`godwit judge`: judges recorded series of two sides as a rollout step is judged; it measures nothing itself."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

import click
from pydantic import ValidationError

from godwit.checks import Explained, Rules, decide_look, explain, in_json, rule, told
from godwit.checks.recorded_series import (
    Point,
    first_part,
    read_csv,
    read_prometheus,
    series_of,
    sides_in,
    size_of,
)
from godwit.cli.addresses import is_loopback
from godwit.plan import Judge, read_document
from godwit.verdict import GodwitError, PlanError

_EXITS = {"promote": 0, "abort": 10, "hold": 11}


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="[NAME=]SERIES...")
@click.option("--by", "rules", type=click.Path(path_type=Path), required=True, help="A judge, or a plan with judges.")
@click.option("--judge", "name", metavar="ID", help="Which judge of the file, where it has several.")
@click.option("--looks", type=click.IntRange(1, 1000), default=1, show_default=True, help="Judge as the series grew.")
@click.option("--baseline", default="baseline", show_default=True, help="What the series call the baseline.")
@click.option("--candidate", default="candidate", show_default=True, help="What the series call the candidate.")
@click.option(
    "--label", default="side", show_default=True, help="The label of a Prometheus series that tells the side."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--allow", "allowed", multiple=True, metavar="HOST", help="A host other than loopback that may be asked.")
def judge(
    sources: tuple[str, ...], rules: Path, name: str | None, looks: int, baseline: str, candidate: str,
    label: str, as_json: bool, allowed: tuple[str, ...],
) -> None:  # fmt: skip
    """Judge recorded SERIES: CSV files, or answers of Prometheus range queries as .json files or URLs.

    NAME= names the metric of a query whose series have no name. Exit codes: 0 promote, 10 abort, 11 hold.
    """
    chosen = _judge_in(rules, name)
    points = [point for source in sources for point in _read(source, label, allowed)]
    for side in (baseline, candidate):
        if side not in (found := sides_in(points)):
            raise PlanError(f"no series of '{side}'; the series name {', '.join(found) or 'no side'}")
    story = _looks(chosen, points, (baseline, candidate), looks)
    decision = decide_look([each.ruling for each in story[-1]])
    click.echo(_document(chosen, decision, story) if as_json else _table(decision, story, looks))
    sys.exit(_EXITS[decision])


def _judge_in(path: Path, name: str | None) -> Judge:
    try:
        found = read_document(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise PlanError(f"{path}: {error}") from None
    found = found if isinstance(found, dict) else {}
    items = found.get("judges", [found]) if "judges" in found or "metrics" in found else []
    ids = [str(item.get("id")) for item in items if isinstance(item, dict)]
    if not ids or (name is None and len(ids) > 1) or (name is not None and name not in ids):
        asked = f"no judge '{name}'" if name and ids else "name one with --judge" if ids else "no judge"
        raise PlanError(f"{path}: {asked}; it has {', '.join(ids) or 'none; write id, alpha and metrics'}")
    item = items[ids.index(name) if name else 0]
    try:
        return Judge.model_validate(item, context={"written": True})
    except ValidationError as error:
        lines = [f"{path}: {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise PlanError("\n".join(lines)) from None


def _read(source: str, label: str, allowed: Sequence[str]) -> list[Point]:
    metric, text = None, source
    head, equals, rest = source.partition("=")
    if equals and not Path(source).exists() and "/" not in head and "?" not in head:
        metric, text = head, rest
    if text.startswith(("http://", "https://")):
        return read_prometheus(_asked(text, allowed), text, label, metric)
    try:
        content = Path(text).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise PlanError(f"{text}: no text in UTF-8") from None
    except OSError as error:
        raise PlanError(f"{text}: {error.strerror}") from None
    if content.lstrip()[:1] == "{":
        return read_prometheus(content, text, label, metric)
    return read_csv(content, text)


def _asked(url: str, allowed: Sequence[str]) -> str:
    from godwit.surfaces import send

    try:
        host = urlsplit(url).hostname or ""
    except ValueError as error:
        raise PlanError(f"{url}: {error}") from None
    if not is_loopback(host) and host not in allowed:
        raise GodwitError(f"{url}: {host} is not this machine; allow it with --allow {host}")
    answer = send("GET", url, timeout_s=30.0)
    if answer.status != 200:
        raise GodwitError(f"{url} answered {answer.status or answer.error}, not 200 with series")
    return answer.body.decode("utf-8", errors="replace")


def _looks(judge: Judge, points: Sequence[Point], sides: tuple[str, str], looks: int) -> list[list[Explained]]:
    """What was decided at each look, up to the first that aborts."""
    whole = {metric.id: series_of(points, metric, sides) for metric in judge.metrics}
    story: list[list[Explained]] = []
    for look in range(1, looks + 1):
        found = []
        for metric in judge.metrics:
            seen = first_part(whole[metric.id], look / looks)
            terms = Rules(judge.alpha, len(judge.metrics), size_of(whole[metric.id]), looks)
            found.append(explain(metric, seen, terms, rule(metric, seen, terms)))
        story.append(found)
        if decide_look([each.ruling for each in found]) == "abort":
            break
    return story


def _table(decision: str, story: Sequence[Sequence[Explained]], looks: int) -> str:
    lines = [f"{decision.upper()} at look {len(story)} of {looks}", ""]
    head = ("metric", "decision", "n", "harm", "safety", "change", "interval", "allowed")
    rows = [head, *(row for each in story[-1] for row in _rows(each))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", *(told(each) for each in story[-1])])


def _rows(explained: Explained) -> list[tuple[str, ...]]:
    ruling = explained.ruling
    start = (
        ruling.metric,
        ruling.decision,
        f"{ruling.n[0]}/{ruling.n[1]}",
        f"{max(0, ruling.worse):.0%}",
        f"{max(0, ruling.fine):.0%}",
    )
    if not explained.changes:
        return [(*start, "-", "-", "-")]
    rows: list[tuple[str, ...]] = []
    for each in explained.changes:
        around = f"[{each.low:+.3g}, {each.high:+.3g}]"
        rows.append((*start, f"{each.of} {each.change:+.3g} {each.unit}", around, f"{each.limit:.3g} {each.unit}"))
    return rows


def _document(judge: Judge, decision: str, story: Sequence[Sequence[Explained]]) -> str:
    looks = [
        {
            "look": number,
            "decision": decide_look([each.ruling for each in found]),
            "metrics": [{**asdict(each), "told": told(each)} for each in found],
        }
        for number, found in enumerate(story, 1)
    ]
    return json.dumps(in_json({"judge": judge.id, "decision": decision, "looks": looks}), indent=1, ensure_ascii=False)
