"""The quick writer of Allure's results against Allure's own."""

import json
from pathlib import Path

import pytest
from allure_commons import model2 as allure
from allure_commons.logger import AllureFileLogger

from godwit.reporting.allure import QuickWriter

STEP = allure.TestStepResult(
    name="a step", status="passed", start=0, stop=1, attachments=[allure.Attachment(name="a", source="b")]
)
RESULT = allure.TestResult(uuid="1", name="Köln „quoted“", status="broken", steps=[STEP], start=0, stop=17)
RESULT.statusDetails = allure.StatusDetails(message="", trace="line\nline", known=False)
RESULT.labels = [allure.Label("epic", "e"), allure.Label("tag", "t")]
RESULT.parameters = [allure.Parameter(name="case", value="", excluded=False)]
CONTAINER = allure.TestResultContainer(uuid="2", children=["1"], befores=[allure.TestStepResult(name="before")])


def _written(writer: AllureFileLogger, folder: Path, item: object) -> str:
    writer._report_item(item)
    (file,) = folder.iterdir()
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("indent", ["", "1"], ids=["one line", "indented"])
@pytest.mark.parametrize("item", [RESULT, CONTAINER], ids=["result", "container"])
def test_the_quick_writer_writes_what_the_slow_one_writes(tmp_path, monkeypatch, item, indent):
    monkeypatch.setenv("ALLURE_INDENT_OUTPUT", indent)
    texts = [
        _written(writer, writer._report_dir, item)
        for writer in (AllureFileLogger(tmp_path / "slow"), QuickWriter(tmp_path / "quick", "run-1"))
    ]
    assert texts[0] == texts[1]
    assert json.loads(texts[0])["uuid"] == item.uuid


def _container(name: str, **words: object) -> allure.TestResultContainer:
    part = {"name": name, "status": "passed", **words}
    afters = [allure.TestAfterResult(f"{name}::0", status="passed"), allure.TestAfterResult(f"{name}::<lambda>")]
    return allure.TestResultContainer(
        uuid="3", children=["1"], befores=[allure.TestBeforeResult(**part)], afters=afters
    )


@pytest.mark.parametrize(
    ("container", "written"),
    [
        (_container("check"), 0),
        (_container("theirs"), 1),
        (_container("check", status="broken"), 1),
        (_container("check", steps=[STEP]), 1),
    ],
    ids=["nothing to say", "another's fixture", "broke", "has steps"],
)
def test_of_own_fixtures_only_what_says_something_is_written(tmp_path, container, written):
    QuickWriter(tmp_path, "run-1", {"check"}).report_container(container)
    assert len(list(tmp_path.iterdir())) == written
