"""The options of the plugin, all of one prefix; `godwit verify` sets them from its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PROFILES = ("process", "container", "endpoint")


def add_options(parser: pytest.Parser) -> None:
    """Add one group of options."""
    group = parser.getgroup("godwit", "migration verification (godwit)")
    add = group.addoption
    add("--godwit-plan", metavar="FILE", help="the plan to verify; without it godwit does nothing")
    add("--godwit-phase", metavar="PHASE", action="append", default=[], help="verify this phase only (may be repeated)")
    add("--godwit-check", metavar="ID", action="append", default=[], help="run this check only, by id or pattern")
    add("--godwit-profile", choices=PROFILES, default="process", help="how stacks are brought up (default: process)")
    add("--godwit-out", metavar="DIR", help="where the evidence goes (default: reports/out/RUN)")
    add("--godwit-run-id", metavar="ID", help="the id of the run (default: made from plan and time)")
    add("--godwit-candidate-as", choices=("candidate", "baseline"), default="candidate", help="baseline: an A/A run")
    add("--godwit-defect", metavar="NAME", help="seed one defect of the plan into the candidate's side")
    add("--godwit-seed", metavar="N", type=int, help="the seed of made-up data and of draws (default: the plan's)")
    add(
        "--godwit-allow",
        metavar="HOST",
        action="append",
        default=[],
        help="a host other than loopback that may be used",
    )
    add("--godwit-attestations", metavar="DIR", help="where signed attestations lie (default: the plan's own)")
