"""What every driver keeps to; a new driver is added to `DRIVERS` and to `opened`."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from godwit.stacks import OpenStacks, Site, Stack, drivers, open_stacks
from godwit.verdict import StackError
from tests.stacks.conftest import contained, imported, installed, pair, process

RUNNING = [
    pytest.param("process", id="process"),
    pytest.param("container", id="container", marks=pytest.mark.containers),
]
OWN = [*RUNNING, pytest.param("library", id="library"), pytest.param("installation", id="installation")]
DRIVERS = [*OWN, pytest.param("endpoint", id="endpoint")]


@pytest.fixture
def opened(request: pytest.FixtureRequest, site: Site) -> Iterator[OpenStacks]:
    with ExitStack() as closing:
        if request.param == "container":
            request.getfixturevalue("local_engine")
            yield closing.enter_context(open_stacks(pair(contained(), contained("2")), "container", site))
            return
        if request.param == "library":
            yield closing.enter_context(open_stacks(pair(imported(), imported("2")), "process", site))
            return
        if request.param == "installation":
            yield closing.enter_context(open_stacks(pair(installed(), installed("2")), "process", site))
            return
        running = closing.enter_context(open_stacks(pair(), "process", site))
        if request.param == "process":
            yield running
            return
        specs = []
        for stack in running.values():
            stack.start()
            specs.append({**process(stack.version), "drivers": {"endpoint": {"url": stack.url}}})
        yield closing.enter_context(open_stacks(pair(*specs), "endpoint", site))


def test_every_built_in_driver_is_held_to_the_contract() -> None:
    assert {parameter.id for parameter in DRIVERS} <= set(drivers())


@pytest.mark.parametrize("opened", DRIVERS, indirect=True)
def test_a_stack_comes_up_healthy_as_the_version_that_the_plan_names(opened: OpenStacks) -> None:
    for role in ("baseline", "candidate"):
        opened[role].start()
    assert [(stack.health().healthy, stack.health().version) for stack in opened.values()] == [(True, "1"), (True, "2")]


@pytest.mark.parametrize("opened", DRIVERS, indirect=True)
def test_a_stack_is_what_the_protocol_says(opened: OpenStacks) -> None:
    assert all(isinstance(stack, Stack) for stack in opened.values())
    assert list(opened) == ["baseline", "candidate"]
    assert [stack.role for stack in opened.values()] == ["baseline", "candidate"]


@pytest.mark.parametrize("opened", DRIVERS, indirect=True)
def test_the_url_is_known_before_the_start_and_stays(opened: OpenStacks) -> None:
    stack = opened["baseline"]
    before = (stack.url, stack.store, opened.places.outside["baseline.url"])
    for _ in range(2):
        stack.start()
        stack.stop()
    assert before == (stack.url, stack.store, stack.url)


@pytest.mark.parametrize("opened", OWN, indirect=True)
def test_a_stack_is_not_started_twice(opened: OpenStacks) -> None:
    opened["baseline"].start()
    with pytest.raises(StackError, match="runs already"):
        opened["baseline"].start()


@pytest.mark.parametrize("opened", OWN, indirect=True)
def test_a_stop_is_graceful(opened: OpenStacks) -> None:
    opened["baseline"].start()
    opened["baseline"].stop()
    assert not opened["baseline"].is_running()
    assert opened["baseline"].health().detail == "not running"
    assert opened["baseline"].logs(1) == ["ended gracefully"]


@pytest.mark.parametrize("opened", OWN, indirect=True)
def test_a_kill_is_not_graceful_and_a_start_follows(opened: OpenStacks) -> None:
    stack = opened["baseline"]
    stack.start()
    stack.kill()
    assert not stack.is_running()
    assert "ended gracefully" not in stack.logs()
    stack.start()
    assert stack.health().healthy


@pytest.mark.parametrize("opened", OWN, indirect=True)
def test_the_log_file_holds_every_life(opened: OpenStacks) -> None:
    stack = opened["baseline"]
    for _ in range(2):
        stack.start()
        stack.stop()
    assert stack.log_path.read_text().count("starting 1\n") == 2


@pytest.mark.parametrize("opened", RUNNING, indirect=True)
def test_resources_are_sampled_while_it_runs(opened: OpenStacks) -> None:
    stack = opened["baseline"]
    with pytest.raises(StackError, match="nothing to sample"):
        stack.sample()
    stack.start()
    sample = stack.sample()
    assert sample.rss_mb >= sample.pss_mb > 1
    assert sample.cpu_s > 0
    assert sample.processes == len(stack.pids()) >= 1


@pytest.mark.parametrize("opened", OWN, indirect=True)
def test_godwits_own_stacks_may_be_written_to(opened: OpenStacks) -> None:
    assert all(stack.writable for stack in opened.values())


@pytest.mark.parametrize("opened", DRIVERS, indirect=True)
def test_a_stack_says_where_its_python_code_can_be_called_or_that_it_cannot(opened: OpenStacks) -> None:
    runtime = opened["baseline"].runtime()
    assert runtime is None or (Path(runtime.python).is_file() and "PYTEST_CURRENT_TEST" not in runtime.env)


@pytest.mark.parametrize("opened", DRIVERS, indirect=True)
def test_closing_twice_does_no_harm(opened: OpenStacks) -> None:
    opened["baseline"].start()
    opened.close()
    opened.close()
