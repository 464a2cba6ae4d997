"""Every seeded defect can be applied to the package as it is; a process with one starts and differs from one without."""

import subprocess
import sys

import pytest

from .conftest import MIGRATIONS, Site, moved_by_a_process

APPLY_ALL = """
import os, sys
sys.path[:0] = [{migrations!r}, {candidate!r}]
from pip_package.defects import DEFECTS
from pip_package.backup_defects import DEFECTS as MORE
for name, defect in [*DEFECTS.items(), *MORE.items()]:
    if os.fork() == 0:
        defect.patch()
        os._exit(0)
    pid, status = os.wait()
    if status:
        sys.exit(f"{{name}} cannot be applied")
print(len(DEFECTS) + len(MORE), len({{*DEFECTS, *MORE}}))
"""


def test_all_defects_can_be_applied_and_have_names_of_their_own() -> None:
    program = APPLY_ALL.format(migrations=str(MIGRATIONS), candidate=str(MIGRATIONS / "pip_package/candidate"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    count, names = done.stdout.split()
    assert int(count) == int(names) >= 30


@pytest.mark.parametrize("name", ["log-level-default", "plain-credentials", "state-touched", "error-is-zero"])
def test_a_process_with_a_defect_still_runs(site: Site, name: str) -> None:
    done = moved_by_a_process(site, ORCHESTRATION_DEFECT=name)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_unknown_defect_is_refused() -> None:
    words = [sys.executable, "-m", "pip_package.tools", "orch", "--", "--version"]
    env = {"PATH": "/usr/bin:/bin", "ORCHESTRATION_DEFECT": "no-such-thing"}
    done = subprocess.run(words, cwd=MIGRATIONS, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "no such defect" in done.stderr
