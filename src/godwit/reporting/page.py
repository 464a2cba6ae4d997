"""The verdict as one HTML page that needs nothing beside itself, without scripts; only links that the plan names lead outside."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from godwit.plan import is_link
from godwit.reporting import chapters, figures, pictures
from godwit.reporting.chapters import Past
from godwit.reporting.counting import counted_rows
from godwit.reporting.plain import one_line
from godwit.session.shipped import REPORTS, folder
from godwit.verdict import Verdict

if TYPE_CHECKING:
    from jinja2 import Template

PAGE = "verdict.html"
_MOST_SIGNS = 400
_PICTURES = ("matrix", "stages", "charts", "timeline")
_CHAPTERS = ("gate_cards", "drills", "writes", "state", "suites", "unanswered", "waivers", "open_checks")


def page(verdict: Verdict, run: Path, past: Past | None = None) -> str:
    """The page of a verdict, to lie in the folder `run`: links lead to files of it, where they are there.

    `past` is how the criteria ended in the last runs, where that is known.
    """
    told = {name: getattr(chapters, name)(verdict) for name in _CHAPTERS}
    told |= {name: getattr(pictures, name)(verdict) for name in _PICTURES}
    lines, left_out = chapters.lines(verdict, past or {})
    repeats, more_repeats = chapters.repeats(verdict)
    headline, because = chapters.headline(verdict)
    counted = {"left_out": left_out, "more_repeats": more_repeats}
    said = {"lines": lines, "repeats": repeats, "headline": headline, "because": because}
    return _template(run.resolve()).render(verdict=verdict, **told, **said, **counted)


def _template(run: Path) -> "Template":
    """The template with what it may ask for; Jinja is imported here, since most of what godwit does needs none."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FileSystemLoader(folder(REPORTS)),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_text,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {name: getattr(figures, name) for name in ("number", "quantity", "spread", "clock")}
    made.filters |= {"long": lambda text: Markup.escape(one_line(text, 10 * _MOST_SIGNS)), "path": Markup}
    made.globals |= {name: getattr(pictures, name) for name in ("across", "at_percent")}
    made.globals |= {"change": figures.change, "link": _linking(run), "is_link": is_link, "counted_rows": counted_rows}
    return made.get_template("verdict.html.j2")


def _text(value: object) -> object:
    """Every text that comes from outside as one bounded line in which no sign does anything but show itself."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return one_line(value, _MOST_SIGNS)


def _linking(run: Path) -> Callable[[str], str]:
    """Where a source lies as a link from the run's folder; nothing if it is not there (any more)."""

    def link(source: str) -> str:
        parts = PurePosixPath(source).parts if len(source) < _MOST_SIGNS and source.isprintable() else ()
        if not parts or ".." in parts:
            return ""
        tails = (parts[at:] for at in range(parts[0] == "/", len(parts)))  # the run may have moved since
        try:
            found = next((tail for tail in tails if run.joinpath(*tail).is_file()), ())
        except OSError:  # longer than any file's name
            return ""
        return f"./{quote('/'.join(found))}" if found else ""

    return link
