"""Opening: drivers from outside are found, and what was reserved is given back when opening fails."""

from pathlib import Path

import pytest

from godwit.stacks import Site, drivers, open_stacks, ports
from godwit.verdict import GodwitError
from tests.stacks.conftest import pair, process

OUTSIDE = """
from godwit.stacks.drivers.endpoint import EndpointStack
from godwit.stacks import Placement


class Elsewhere:
    def place(self, request):
        own = {"url": "http://127.0.0.1:9/" + request.section.service}
        return Placement(own, own)

    def open(self, request, places):
        return EndpointStack(request, places)
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere.py").write_text(OUTSIDE)
    info = tmp_path / "elsewhere-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[godwit.drivers]\ncompose = elsewhere:Elsewhere\n")
    monkeypatch.syspath_prepend(str(tmp_path))


def test_a_driver_of_another_package_serves_its_profile(installed: None, site: Site) -> None:
    spec = process()
    spec["drivers"] = {"compose": {"file": "compose.yaml", "service": "web", "port": 80}}
    with open_stacks(pair(spec, spec), "compose", site) as stacks:
        assert stacks["candidate"].url == "http://127.0.0.1:9/web"


def test_a_profile_without_a_driver_is_refused_with_the_known_ones(site: Site) -> None:
    with pytest.raises(
        GodwitError, match="no driver for profile 'compose'; known: container, endpoint, installation, library, process"
    ):
        open_stacks(pair(), "compose", site)


def test_built_in_drivers_need_no_entry_point() -> None:
    assert {"process", "container", "endpoint"} <= set(drivers())


def test_a_stack_without_health_is_refused(site: Site) -> None:
    blind = process()
    del blind["health"]
    with pytest.raises(GodwitError, match=r"stacks.baseline.health is missing"):
        open_stacks(pair(blind), "process", site)


def test_ports_are_given_back_when_opening_fails(site: Site) -> None:
    before = dict(ports._held)
    with pytest.raises(GodwitError, match="unknown place"):
        open_stacks(pair(process(A="{nowhere}")), "process", site)
    assert ports._held == before


def test_two_stacks_never_share_a_port(site: Site) -> None:
    with open_stacks(pair(), "process", site) as one, open_stacks(pair(), "process", site) as two:
        assert len({stack.url for stack in (*one.values(), *two.values())}) == 4


def test_the_router_is_a_role_of_its_own(site: Site) -> None:
    router = process("r", ROUTES="{baseline.url} {candidate.url}")
    with_router = pair().model_validate(
        {"baseline": process(), "candidate": process("2"), "router": router},
    )
    with open_stacks(with_router, "process", site) as stacks:
        assert list(stacks) == ["baseline", "candidate", "router"]
        assert stacks.places.outside["router.url"] == stacks["router"].url
