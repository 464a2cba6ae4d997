"""The endpoint driver: a stack that somebody else runs, on this machine unless more is allowed."""

import pytest

from godwit.stacks import Site, open_stacks
from godwit.verdict import GodwitError, StackError
from tests.stacks.conftest import pair, process


def endpoint(url: str, version: str = "1", timeout: str = "1s") -> dict[str, object]:
    spec = process(version, timeout)
    spec["drivers"] = {"endpoint": {"url": url}}
    return spec


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://example.org", id="name"),
        pytest.param("http://10.0.0.1:80", id="address"),
        pytest.param("http://127.0.0.1.example.org", id="looks-like-loopback"),
    ],
)
def test_a_host_beyond_this_machine_is_refused_unless_allowed(site: Site, url: str) -> None:
    with pytest.raises(GodwitError, match="is not this machine"):
        open_stacks(pair(endpoint(url), endpoint(url)), "endpoint", site)


def test_reaching_and_writing_are_allowed_apart(site: Site) -> None:
    stacks = pair(endpoint("http://example.org"), endpoint("http://other.example"))
    allow = {"example.org", "other.example", "write:other.example"}
    with open_stacks(stacks, "endpoint", site, allow=allow) as opened:
        assert [opened["baseline"].writable, opened["candidate"].writable] == [False, True]


def test_an_endpoint_on_this_machine_is_not_written_to_either(site: Site) -> None:
    with open_stacks(pair(*[endpoint("http://127.0.0.1:9")] * 2), "endpoint", site) as opened:
        assert not opened["baseline"].writable


def test_nothing_that_answers_is_told_when_the_wait_is_over(site: Site) -> None:
    silent = open_stacks(pair(*[endpoint("http://127.0.0.1:9")] * 2), "endpoint", site)
    with pytest.raises(StackError, match=r"no answer from http://127\.0\.0\.1:9/health"):
        silent["baseline"].start()


def test_an_endpoint_is_never_ended(site: Site) -> None:
    with open_stacks(pair(), "process", site) as running:
        running["baseline"].start()
        url = running["baseline"].url
        with open_stacks(pair(*[endpoint(url)] * 2), "endpoint", site) as opened:
            opened["baseline"].start()
            opened["baseline"].stop()
            with pytest.raises(StackError, match="never killed"):
                opened["baseline"].kill()
        assert running["baseline"].health().healthy


def test_a_path_that_is_no_url_is_refused(site: Site) -> None:
    with pytest.raises(GodwitError, match="is not an http or https URL"):
        open_stacks(pair(*[endpoint("file:///etc/passwd")] * 2), "endpoint", site)
