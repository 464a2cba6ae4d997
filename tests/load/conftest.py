"""Runs the load generator as it lies in this clone."""

from pathlib import Path

import pytest

from godwit.load import run_load

LOADTESTS = Path(__file__).resolve().parents[2] / "loadtests"


@pytest.fixture
def run(tmp_path):
    """Runs a profile against one URL for both sides, or against those that are named."""

    def start(asked, url=None, **named):
        named = {"targets": {"baseline": url, "candidate": url}, "route": None, "users": {}, "seed": 1} | named
        return run_load(asked, out=tmp_path / "load", locustfile=LOADTESTS / "open_loop.py", **named)

    return start
