"""Both Allure reports in a real browser: they open from a file, call nothing, say the verdict, and can be read by everybody."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from godwit.reporting import write_verdict
from godwit.verdict import Judgement, Outcome, inconclusive
from tests.reporting.conftest import FAST, GODWIT, SAME, VERDICTS, check, verdict

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OWN = ("file:", "data:", "blob:")


AT_HAND = [
    *(check(f"parity/answers/{name}", judgement) for name, judgement in (
        ("second-note", inconclusive("too few answers", n_needed=200)),
        ("crashed", Judgement(Outcome.ERRORED, "call ended in ConnectionResetError")),
        ("left-out", Judgement(Outcome.SKIPPED, "not today")),
    )),
]  # fmt: skip
SHOWN = verdict([*VERDICTS["no-go"].checks, *AT_HAND], [SAME, FAST], trouble=VERDICTS["trouble"].trouble)
"""A NO-GO with a check of every outcome."""


@pytest.fixture(scope="session", params=["2", "3"], ids=["allure-2", "allure-3"])
def report(request: pytest.FixtureRequest, node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a NO-GO as one file."""
    run = tmp_path_factory.mktemp("run") / "tiny-1"
    run.mkdir()
    write_verdict(SHOWN, run)
    words = [GODWIT, "report", str(run), "--allure", request.param]
    ended = subprocess.run(words, cwd=node_modules.parent, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    return Path(ended.stdout.partition("  (")[0])


@pytest.fixture
def opened(request: pytest.FixtureRequest, browser: Any, report: Path) -> Iterator[tuple[Any, list[str]]]:
    """The report, opened in a window of a width and scheme, and every address that it asked for."""
    width, scheme = request.param
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda seen: asked.append(seen.url))
    page.goto(report.as_uri())
    page.get_by_text("NO-GO").first.wait_for(timeout=60_000)
    page.wait_for_timeout(1000)  # what a page calls late
    if scheme == "dark" and report.parent.name == "allure2-report":  # which does not ask the system
        page.locator(".side-nav__theme").dispatch_event("click")
    if folder := os.environ.get("GODWIT_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{report.parent.name}-{width}-{scheme}.png"))
    yield page, asked
    page.close()


WINDOWS = [pytest.param((width, "light"), id=f"{width}-px") for width in (360, 768, 1440)]
DARK = pytest.param((1440, "dark"), id="dark")


@pytest.mark.parametrize("opened", WINDOWS, indirect=True)
def test_a_report_opens_from_a_file_with_the_verdict_on_the_screen_and_asks_nobody(opened) -> None:
    page, asked = opened
    assert [url for url in asked if not url.startswith(OWN)] == []
    assert len([url for url in asked if url.startswith("file:")]) == 1
    places = [each.bounding_box() for each in page.get_by_text("NO-GO").all()]
    assert any(place and 0 <= place["y"] < 900 for place in places)


@pytest.mark.parametrize("opened", [*WINDOWS, DARK], indirect=True)
def test_axe_finds_nothing_serious_on_any_view(opened, node_modules: Path, report: Path) -> None:
    page, _ = opened
    page.evaluate((node_modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    views, leaf = VIEWS[report.parent.name]
    found = serious(page, "as it opens")
    for view in views:
        page.evaluate("view => { location.hash = view }", view)
        page.wait_for_timeout(1000)  # charts are drawn late
        found += serious(page, view)
    page.evaluate("view => { location.hash = view }", views[-1])
    for name in ("third-note", "crashed"):
        for _ in range(3):  # Allure 2 shows its tree closed
            page.evaluate(
                "document.querySelectorAll('.node:not(.node__expanded) > .node__title').forEach(it => it.click())"
            )
            page.wait_for_timeout(200)
        page.locator(leaf, has_text=name).first.dispatch_event("click")
        page.wait_for_timeout(1000)
        assert name in page.evaluate("document.body.innerText")
        found += serious(page, f"the test {name}")
        page.go_back()
    assert found == []


def serious(page: Any, view: str) -> list[str]:
    """What axe finds on a view that keeps somebody from reading it; an error if it looked at nothing."""
    found = page.evaluate(
        "async () => { const run = await axe.run(); if (!run.passes.length) throw new Error('axe tried nothing');"
        " return run.violations.map(each => `${each.impact} ${each.id} ${each.nodes[0].html.slice(0, 200)}`) }"
    )
    return [f"{view}: {each}" for each in found if each.startswith(("serious", "critical"))]


@pytest.mark.parametrize("opened", WINDOWS[-1:], indirect=True)
def test_buttons_that_show_a_picture_only_have_names_that_tell_them_apart(opened, report: Path) -> None:
    page, _ = opened
    names = page.evaluate("[...document.querySelectorAll('button[data-named]')].map(each => each.ariaLabel)")
    if report.parent.name == "allure-report":
        assert "Light or dark" in names
        assert [name for name in names if name.startswith("Open or close: answers")]
    assert [name for name in names if name.startswith("Button")] == []


VIEWS = {
    "allure-report": (
        ("categories", "qualityGate", "globalAttachments", "globalErrors", "charts", "timeline", ""),
        "[data-testid=tree-leaf]",
    ),
    "allure2-report": (("run", "categories", "behaviors", "packages", "graph", "timeline", "suites"), ".node__leaf"),
}
"""The views of either report by their address, last the one with the tests, and what a test is there."""
