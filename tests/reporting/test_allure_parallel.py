"""Allure's results of a run on several workers, one of which dies: every check is there once, and the death is told."""

import json
from typing import Any

from godwit.reporting import read_verdict

_DEADLY = """
import os, time
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    if item.name.endswith("third-note]"):
        os._exit(9)
"""


def test_a_lost_worker_leaves_no_check_without_a_result_and_is_an_error_of_the_run(runs: Any) -> None:
    (runs.folder / "deadly.py").write_text(_DEADLY, encoding="utf-8")
    folder = runs.home / "allure"
    folder.mkdir()
    (folder / "left-over-result.json").write_text("{}", encoding="utf-8")
    words = ["--phase", "parity", "-n", "2", "--alluredir", str(folder), "--clean-alluredir", "-p", "deadly"]
    ended = runs.verify(*words, PYTHONPATH=str(runs.folder))
    assert ended.code == 11, ended.said
    results = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*-result.json")]
    assert sorted(item["fullName"] for item in results) == sorted(item.id for item in read_verdict(ended.out).checks)
    assert {item["status"] for item in results} >= {"passed", "broken"}
    (path,) = folder.glob("*-globals.json")
    messages = [error["message"] for error in json.loads(path.read_text(encoding="utf-8"))["errors"]]
    assert messages[0].startswith("INCONCLUSIVE: ")
    assert any("worker" in text for text in messages[1:])


def test_checks_are_chosen_by_the_labels_that_the_report_shows(runs: Any) -> None:
    ended = runs.verify("--phase", "parity", "--allure-features", "procedures")
    ran = {item.suite for item in read_verdict(ended.out).checks if item.reason != "did not run"}
    assert (ended.code, ran) == (11, {"procedures"})
