"""The verdict page in a real browser, opened from a file: calls nothing, fits every width, is accessible, and looks as agreed."""

import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from godwit.reporting.page import page
from tests.reporting.conftest import VERDICTS
from tests.reporting.test_page import NOWHERE, pictured

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HERE = Path(__file__).parent / "screenshots"
SHOWN = {name: VERDICTS[name] for name in ("go", "no-go", "inconclusive", "waived")} | {"pictures": pictured()}
LOOKS_ALIKE = 6.0
"""Of 255: fonts of other machines stay below it, another colour or a missing part does not."""


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a page of each kind."""
    folder = tmp_path_factory.mktemp("pages")
    for name, verdict in {**VERDICTS, **SHOWN}.items():
        (folder / f"{name}.html").write_text(page(verdict, NOWHERE), encoding="utf-8")
    return folder


@pytest.fixture
def opened(request: pytest.FixtureRequest, browser: Any, pages: Path) -> Iterator[Any]:
    """One page in a window of one width and scheme; it carries what it asked for and what the browser said of it."""
    name, width, scheme = request.param
    tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab.asked, tab.said = [], []
    tab.on("request", lambda seen: tab.asked.append(seen.url))
    tab.on("console", lambda seen: tab.said.append(seen.text))
    tab.goto((pages / f"{name}.html").as_uri())
    yield tab
    tab.close()


def windows(*widths: int) -> list[Any]:
    """Every page in windows of these widths, in turn light and dark."""
    schemes = ("light", "dark")
    return [
        pytest.param((name, width, schemes[(at + place) % 2]), id=f"{name}-{width}")
        for at, name in enumerate(SHOWN)
        for place, width in enumerate(widths)
    ]


@pytest.mark.parametrize("opened", windows(360, 768, 1440), indirect=True)
def test_a_page_fits_its_window_and_asks_nobody(opened: Any) -> None:
    assert len(opened.asked) == 1
    assert opened.said == []
    assert opened.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@pytest.mark.parametrize("opened", windows(360, 1440), indirect=True)
def test_axe_finds_nothing_serious(opened: Any, node_modules: Path) -> None:
    opened.evaluate((node_modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found = opened.evaluate(
        "async () => { const run = await axe.run(); if (!run.passes.length) throw new Error('axe tried nothing');"
        " return run.violations.map(each => `${each.impact} ${each.id} ${each.nodes[0].html.slice(0, 200)}`) }"
    )
    assert [each for each in found if each.startswith(("serious", "critical"))] == []


@pytest.mark.parametrize("opened", windows(360, 1440), indirect=True)
def test_a_page_looks_as_it_was_agreed(opened: Any, request: pytest.FixtureRequest) -> None:
    image = pytest.importorskip("PIL.Image", reason="pillow is not installed")
    kept = HERE / f"{request.node.callspec.id}.png"
    shot = opened.screenshot()
    if request.config.getoption("--update-golden"):
        kept.parent.mkdir(exist_ok=True)
        image.open(BytesIO(shot)).quantize(64).save(kept, optimize=True)
    seen, wanted = (image.open(each).convert("RGB").resize((24, 24)) for each in (BytesIO(shot), kept))
    apart = [abs(one - other) for one, other in zip(seen.tobytes(), wanted.tobytes(), strict=True)]
    assert sum(apart) / len(apart) < LOOKS_ALIKE


@pytest.mark.parametrize("opened", [("pictures", 1440, "dark")], indirect=True, ids=["pictures"])
def test_a_page_is_printed_dark_on_white(opened: Any) -> None:
    opened.emulate_media(media="print")
    assert opened.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize(
    "opened", [(name, 703, "light") for name in SHOWN], indirect=True, ids=list(SHOWN)
)  # what A4 leaves
def test_a_page_fits_a_sheet_of_a4_and_says_all_that_it_says_on_a_screen(
    opened: Any, request: pytest.FixtureRequest
) -> None:
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    shown = SHOWN[request.node.callspec.params["opened"][0]]
    sheets = pypdf.PdfReader(BytesIO(opened.pdf(prefer_css_page_size=True))).pages
    assert {(round(sheet.mediabox.width), round(sheet.mediabox.height)) for sheet in sheets} == {(595, 842)}
    told = " ".join(" ".join(sheet.extract_text() for sheet in sheets).split())
    broken = [item.sentence for gate in shown.gates for item in gate.criteria if item.outcome == "failed"]
    rows = [row.statement for row in shown.rows]
    heads = ["Target", "Baseline", "Evidence"] if shown.gates else []
    assert [text for text in (shown.word, *broken[:1], *rows, *heads) if text not in told] == []
    opened.emulate_media(media="print")
    assert opened.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@pytest.mark.parametrize("opened", [("no-go", 1440, "light")], indirect=True, ids=["no-go"])
def test_the_first_stop_of_the_keyboard_leads_to_the_criteria(opened: Any) -> None:
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.getAttribute('href')") == "#criteria"


def test_the_validator_of_the_w3c_finds_no_error(pages: Path, node_modules: Path) -> None:
    if shutil.which("java") is None:
        pytest.skip("the validator needs Java")
    jar = node_modules / "vnu-jar" / "build" / "dist" / "vnu.jar"
    words = ["java", "-jar", str(jar), "--errors-only", "--stdout", *map(str, sorted(pages.glob("*.html")))]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert (ended.stdout, ended.returncode) == ("", 0)
