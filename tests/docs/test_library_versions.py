"""Real pairs of library versions: what is known to break is found, and what is known to be quiet stays quiet."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from godwit.plan import CallScript, Plan, load_plan
from godwit.session import Session, Setting
from godwit.session.shipped import catalogue
from godwit.verdict import Outcome
from tests.docs.test_docs import ROOT, plans_in

pytestmark = pytest.mark.slow
PAGE = ROOT / "docs/how-to/compare-two-library-versions.md"
# Out of marshmallow's own guide for those who upgrade to version 4.
KNOWN = {
    "marshmallow.base", "marshmallow.warnings", "marshmallow:pprint", "marshmallow.fields:Field.fail",
    "marshmallow.fields:Field.default", "marshmallow.fields:Field.missing", "marshmallow.fields:Field.context",
    "marshmallow.fields:Field.__init__", "marshmallow.fields:TimeDelta.__init__", "marshmallow.schema:Schema.__init__",
    "marshmallow.schema:Schema.loads", "marshmallow.schema:SchemaOpts.__init__", "marshmallow.decorators:validates",
    "marshmallow.decorators:pre_load", "marshmallow.decorators:pre_dump", "marshmallow.decorators:post_load",
    "marshmallow.decorators:post_dump", "marshmallow.decorators:validates_schema", "marshmallow.validate:And.__init__",
    "marshmallow.utils:from_iso_datetime", "marshmallow.utils:from_iso_date", "marshmallow.utils:from_iso_time",
    "marshmallow.utils:isoformat", "marshmallow.utils:is_keyed_tuple", "marshmallow.utils:RAISE",
    "marshmallow.utils:INCLUDE", "marshmallow.utils:EXCLUDE", "marshmallow.utils:resolve_field_instance",
    "marshmallow.exceptions:FieldInstanceResolutionError",
}  # fmt: skip
Opened = Callable[..., Session]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens a session on the page's plan, its library and versions changed if so asked."""
    with ExitStack() as closes:

        def start(*changes: tuple[str, str], same: bool = False) -> Session:
            path = plans_in(PAGE, tmp_path)[0]
            text = path.read_text(encoding="utf-8")
            for old, new in changes:
                text = text.replace(old, new)
            path.write_text(text, encoding="utf-8")
            plan = load_plan(path, {}, catalogue())
            setting = Setting(plan, "process", tmp_path / "out", "run", same, environ=os.environ)
            return closes.enter_context(closing(Session(setting)))

        yield start


def script(plan: Plan, name: str) -> CallScript:
    return next(each for each in plan.surfaces.python.calls if each.id == name)


def test_what_marshmallow_says_of_its_own_breaks_is_found_and_each_once(opened: Opened) -> None:
    judgement = opened().library.api("marshmallow")
    found = [finding.where for finding in judgement.findings]
    assert KNOWN - set(found) == set()
    assert len(found) == len(set(found)) == 45


def test_what_changed_without_a_change_of_names_is_found_by_calling(opened: Opened) -> None:
    session = opened()
    plan = session.setting.plan
    outcomes = {
        name: session.library.calls(script(plan, name)).outcome for name in ("load-and-dump", "validator-returns-false")
    }
    assert outcomes == {"load-and-dump": Outcome.PASSED, "validator-returns-false": Outcome.FAILED}
    assert session.library.drawn(plan.surfaces.python.drawn[0]).outcome is Outcome.PASSED


def test_a_version_against_itself_is_quiet(opened: Opened) -> None:
    session = opened(same=True)
    python = session.setting.plan.surfaces.python
    judgements = [session.library.api("marshmallow"), *map(session.library.calls, python.calls)]
    judgements += [*map(session.library.name, python.callables), *map(session.library.drawn, python.drawn)]
    assert {judgement.outcome for judgement in judgements} == {Outcome.PASSED}


def test_a_library_that_kept_its_word_has_the_one_break_that_it_announced(opened: Opened) -> None:
    session = opened(("marshmallow==", "attrs=="), ("3.26.1", "19.3.0"), ("4.0.1", "25.3.0"))
    judgement = session.library.api("attr")
    assert [(finding.what, finding.where) for finding in judgement.findings] == [
        ("name is gone", "attr.validators:provides")
    ]
