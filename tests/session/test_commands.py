"""Command lines are typed on both running sides, each in a folder of its own."""

import pytest

from godwit.plan import CommandLine
from godwit.verdict import HarnessError, Outcome

PY = ["{python}", "-S", "-c"]


@pytest.fixture
def typed(walked):
    """Types a command line on both sides of the tiny migration."""
    run = walked()
    run.session.ready(run.first("parity"))

    def judge(code, *words, **more):
        command = CommandLine.model_validate(
            {"id": "it", "run": (*PY, code, *words), "timeout_s": 20.0} | more, strict=False
        )
        return run.session.commands.alike(command)

    return judge


def test_each_side_has_its_own_places(typed):
    code = "import sys, pathlib; print(*sys.argv[1:], pathlib.Path.cwd())"
    assert typed(code, "{url}", "{dir}").outcome is Outcome.PASSED


def test_a_difference_between_the_sides_is_found_and_judged_against_the_noise(typed):
    code = "import sys, time; print('at', time.time_ns()); print('on', sys.argv[1])"
    judgement = typed(code, "{role}")
    assert [(it.what, it.where, it.baseline, it.candidate) for it in judgement.findings] == [
        ("line", "stdout:2", "on baseline", "on candidate")
    ]
    assert "noise of the baseline: stdout: 1 line(s) by its digits' places" in judgement.reason


def test_noise_alone_is_no_difference(typed):
    assert typed("import time; print('at', time.time_ns())").outcome is Outcome.PASSED


def test_a_command_that_runs_once_has_no_noise(typed):
    assert typed("import time; print('at', time.time_ns())", once=True).outcome is Outcome.FAILED


def test_input_files_and_environment_reach_both_sides(typed):
    code = (
        "import os, sys, pathlib; text = sys.stdin.read() + os.environ['WHERE'] + str(len(pathlib.Path('plan.yaml')"
        ".read_text()) > 9); pathlib.Path('out.txt').write_text(text); print(text)"
    )
    words = {"stdin": "hello ", "env": {"WHERE": "{url} "}, "given": ("plan.yaml",), "files": ("*.txt",)}
    judgement = typed(code, **words)
    assert judgement.outcome is Outcome.PASSED
    assert judgement.reason.startswith("4 part(s) compared")


def test_a_file_that_only_one_side_writes_is_found(typed):
    code = "import sys, pathlib; pathlib.Path('a').touch(); pathlib.Path(sys.argv[1]).touch()"
    judgement = typed(code, "{role}", files=("*",))
    assert [it.what for it in judgement.findings] == ["file missing", "file extra"]


def test_a_program_that_only_the_candidate_lacks_is_a_broken_promise(typed, tmp_path):
    program = tmp_path / "bin" / "baseline"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    judgement = typed("pass", run=("{plan_dir}/../bin/{role}",))
    assert judgement.outcome is Outcome.FAILED


def test_a_file_that_is_not_there_to_be_given_is_said(typed):
    with pytest.raises(HarnessError, match="no such file"):
        typed("pass", given=("missing.txt",))


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "~/x", "a/../../x"])
def test_what_points_outside_is_refused(name):
    with pytest.raises(ValueError, match="points outside"):
        CommandLine.model_validate({"id": "it", "run": ("it",), "given": (name,)})
