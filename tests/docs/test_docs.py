"""The documentation keeps its word: links lead somewhere, example plans load, blocks marked to run do run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from godwit.plan import load_plan

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "migrations/*/README.md",
        "loadtests/*.md",
        "benchmarks/*.md",
        "changelog.d/README.md",
    )
    for path in ROOT.glob(pattern)
)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
RUN = re.compile(r"^```bash run\n(.*?)^```", re.DOTALL | re.MULTILINE)
PLAN = re.compile(r"^<!-- plan: (\S+) -->\n```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)


def relative(path: Path) -> str:
    """The page as it is written in a clone."""
    return path.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """The fragments that the headings of a page make."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_dead(page: Path, link: str) -> bool:
    """Whether a link within the repository leads nowhere; addresses outside are not asked."""
    if "://" in link or link.startswith("mailto:"):
        return False
    file, _, fragment = link.partition("#")
    target = (page.parent / file).resolve() if file else page
    return not target.exists() or bool(fragment and target.suffix == ".md" and fragment not in anchors(target))


def plans_in(page: Path, folder: Path) -> list[Path]:
    """The plans that a page shows, written into a folder under the names that it gives them."""
    written = []
    for name, text in PLAN.findall(page.read_text(encoding="utf-8")):
        (folder / name).write_text(text, encoding="utf-8")
        written.append(folder / name)
    return written


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    assert [link for link in LINK.findall(text) if is_dead(page, link)] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_a_page_begins_with_its_title(page: Path) -> None:
    assert page.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("page", [page for page in PAGES if PLAN.search(page.read_text("utf-8"))], ids=relative)
def test_plans_that_a_page_shows_are_plans(page: Path, tmp_path: Path) -> None:
    assert [load_plan(path).migration.id for path in plans_in(page, tmp_path)]


@pytest.mark.parametrize("page", [page for page in PAGES if RUN.search(page.read_text("utf-8"))], ids=relative)
def test_blocks_marked_to_run_do_run(page: Path, tmp_path: Path) -> None:
    plans_in(page, tmp_path)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for block in RUN.findall(page.read_text(encoding="utf-8")):
        words = ["bash", "-euo", "pipefail", "-c", block]
        answer = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, f"{block}\n{answer.stdout}\n{answer.stderr}"


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    listed = set(LINK.findall((folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in folder.glob("0*.md")}


def test_the_new_users_commands_stand_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for marker in ("verify", "tests"):
        assert re.search(rf"<!-- new user: {marker} -->\n```bash\n.+?```", text, re.DOTALL)
