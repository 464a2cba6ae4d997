"""The process driver with real processes: it comes up, says why not, and ends as a whole."""

import json
import os
import signal
import socket
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from godwit.stacks import Sampler, Site, open_again, open_stacks
from godwit.verdict import GodwitError, StackError
from tests.stacks.conftest import pair, process


def get(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return dict(json.load(answer))


def test_opening_starts_nothing(site: Site) -> None:
    with open_stacks(pair(), "process", site) as stacks:
        assert [stack.is_running() for stack in stacks.values()] == [False, False]


def test_the_environment_is_the_plans_and_the_callers(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    extra = {"baseline": {"FLAG": "{literal}"}}
    with open_stacks(pair(process(SEED="{seed}", OTHER="{candidate.url}")), "process", site, extra) as stacks:
        stacks["baseline"].start()
        env = get(stacks["baseline"].url + "/env")
        assert "PYTHONPATH" not in env
        assert (env["SEED"], env["FLAG"], env["OTHER"]) == ("7", "{literal}", stacks["candidate"].url)


def test_added_environment_is_read_again_at_a_restart(site: Site) -> None:
    extra = {"baseline": {"FLAG": "off"}}
    with open_stacks(pair(), "process", site, extra) as stacks:
        stacks["baseline"].start()
        stacks["baseline"].stop()
        extra["baseline"]["FLAG"] = "on"
        stacks["baseline"].start()
        assert get(stacks["baseline"].url + "/env")["FLAG"] == "on"


def test_a_port_that_is_taken_is_named_with_who_has_it(site: Site) -> None:
    with open_stacks(pair(), "process", site) as stacks, socket.socket() as other:
        port = int(stacks["baseline"].url.rpartition(":")[2])
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(StackError, match=f"port {port} on 127.0.0.1 is taken by process {os.getpid()} "):
            stacks["baseline"].start()


def test_an_exit_at_start_tells_code_command_and_last_lines(site: Site) -> None:
    with open_stacks(pair(process(MODE="exit")), "process", site) as stacks:
        with pytest.raises(StackError) as caught:
            stacks["baseline"].start()
        text = str(caught.value)
        assert "exit code 3" in text
        assert "service.py 127.0.0.1" in text
        assert "the store is locked" in text


def test_a_command_that_does_not_exist_is_named(site: Site) -> None:
    broken = process()
    broken["drivers"] = {"process": {"command": ["no-such-program"]}}
    with open_stacks(pair(broken), "process", site) as stacks, pytest.raises(StackError, match="no-such-program"):
        stacks["baseline"].start()


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        pytest.param(process(timeout="1s", MODE="sick"), "/status is 'sick', expected 'ok'", id="sick"),
        pytest.param(process(timeout="1s", says="0.9"), "is '0.9', the plan says '1'", id="wrong-version"),
    ],
)
def test_what_never_becomes_healthy_is_ended_and_its_last_answer_told(
    site: Site, spec: dict[str, object], said: str
) -> None:
    with open_stacks(pair(spec), "process", site) as stacks:
        with pytest.raises(StackError, match="not healthy after 1 s") as caught:
            stacks["baseline"].start()
        assert said in str(caught.value)
        assert not stacks["baseline"].is_running()


def test_a_stubborn_process_is_killed_and_the_log_says_so(site: Site) -> None:
    with open_stacks(pair(process(MODE="stubborn")), "process", site) as stacks:
        stacks["baseline"].start()
        stacks["baseline"].stop(timeout_s=0.3)
        assert not stacks["baseline"].is_running()
        assert stacks["baseline"].logs(1) == ["godwit: did not end within 0.3 s of SIGTERM: killed"]


def test_a_frozen_process_still_ends_gracefully(site: Site) -> None:
    with open_stacks(pair(), "process", site) as stacks:
        stacks["baseline"].start()
        os.kill(stacks["baseline"].pids()[0], signal.SIGSTOP)
        stacks["baseline"].stop()
        assert stacks["baseline"].logs(1) == ["ended gracefully"]


@pytest.mark.parametrize("how", [pytest.param("stop", id="stopped"), pytest.param("kill", id="killed")])
def test_children_end_with_their_stack(site: Site, how: str) -> None:
    with open_stacks(pair(process(MODE="children")), "process", site) as stacks:
        stacks["baseline"].start()
        pids = stacks["baseline"].pids()
        assert len(pids) == 2
        getattr(stacks["baseline"], how)()
        assert not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids)


def test_children_of_a_leader_that_crashed_end_too(site: Site) -> None:
    with open_stacks(pair(process(MODE="children")), "process", site) as stacks:
        stacks["baseline"].start()
        leader, child = stacks["baseline"].pids()
        os.kill(leader, signal.SIGKILL)
        psutil.wait_procs([psutil.Process(leader)], timeout=5)
        assert not stacks["baseline"].is_running()
        stacks["baseline"].stop()
        assert not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie"


def test_a_process_tree_is_sampled_as_a_whole_and_cpu_outlives_a_restart(site: Site) -> None:
    with open_stacks(pair(process(MODE="children")), "process", site) as stacks:
        stack = stacks["baseline"]
        stack.start()
        before = stack.sample()
        get(stack.url + "/burn")
        after = stack.sample()
        assert after.processes == 2
        assert after.rss_mb > after.pss_mb > 1
        assert after.cpu_s - before.cpu_s >= 0.25
        stack.stop()
        stack.start()
        assert stack.sample().cpu_s >= after.cpu_s


def test_a_sampler_leaves_out_the_time_when_the_stack_is_down(site: Site) -> None:
    with open_stacks(pair(), "process", site) as stacks:
        sampler = Sampler(stacks["baseline"], 0.05)
        sampler.start()
        stacks["baseline"].start()
        samples = sampler.stop()
    assert samples
    assert [sample.at_s for sample in samples] == sorted(sample.at_s for sample in samples)


def test_the_candidate_as_baseline_has_a_store_of_its_own(site: Site) -> None:
    with open_stacks(pair(), "process", site, candidate_as_baseline=True) as stacks:
        assert (stacks["candidate"].version, stacks["candidate"].role) == ("1", "candidate")
        assert stacks["candidate"].store != stacks["baseline"].store
        assert stacks.places.outside["candidate.store"] == stacks["candidate"].store


def test_the_candidate_as_baseline_shares_its_store_where_the_sides_have_one(site: Site) -> None:
    with open_stacks(pair(), "process", site, candidate_as_baseline=True, one_store=True) as stacks:
        assert stacks["candidate"].store == stacks["baseline"].store


def test_a_profile_that_the_plan_lacks_is_refused_with_those_it_has(site: Site) -> None:
    with pytest.raises(GodwitError, match=r"stacks.baseline.drivers has no 'endpoint'; it has process"):
        open_stacks(pair(), "endpoint", site)


def test_an_unknown_place_is_told_when_opening(site: Site) -> None:
    with pytest.raises(GodwitError, match=r"unknown place \{nowhere\}"):
        open_stacks(pair(process(A="{nowhere}")), "process", site)


def test_requirements_make_an_environment_once(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GODWIT_CACHE_DIR", str(tmp_path / "cache"))
    package = tmp_path / "package"
    package.mkdir()
    (package / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n'
        '[project]\nname="tiny"\nversion="1"\n'
    )
    (package / "own.py").write_text(
        "import pathlib, zipfile\n"
        "def build_wheel(folder, *_):\n"
        "    with zipfile.ZipFile(pathlib.Path(folder, 'tiny-1-py3-none-any.whl'), 'w') as w:\n"
        "        w.writestr('tiny.py', '')\n"
        "        w.writestr('tiny-1.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n')\n"
        "        w.writestr('tiny-1.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n')\n"
        "        w.writestr('tiny-1.dist-info/RECORD', '')\n"
        "    return 'tiny-1-py3-none-any.whl'\n"
    )
    spec = process()
    program = "import sys, tiny, runpy; sys.argv = sys.argv[1:]; runpy.run_path('service.py', run_name='__main__')"
    driver = {
        "command": ["{python}", "-c", program, "service.py", "{host}", "{port}"],
        "python": {"requirements": [str(package)]},
    }
    spec["drivers"] = {"process": driver}
    with open_stacks(pair(spec, {**spec}), "process", site) as stacks:
        stacks["baseline"].start()
        assert stacks["baseline"].health().healthy
        assert stacks.places.of("baseline")["python"] == stacks.places.of("candidate")["python"] != sys.executable


def test_a_requirement_that_cannot_be_installed_tells_pips_own_words(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GODWIT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("GODWIT_PIP_ARGS", "--no-index")
    spec = process()
    spec["drivers"] = {"process": {"command": ["{python}"], "python": {"requirements": ["no-such-thing==9"]}}}
    with pytest.raises(StackError, match="No matching distribution found for no-such-thing==9"):
        open_stacks(pair(spec), "process", site)


def test_its_python_can_be_called_with_the_environment_of_the_service(site: Site) -> None:
    with open_stacks(pair(process(SHOP="tea")), "process", site, extra_env={"baseline": {"DEFECT": "1"}}) as stacks:
        runtime = stacks["baseline"].runtime()
    assert runtime is not None
    assert (runtime.python, runtime.folder) == (sys.executable, site.plan_dir)
    assert (runtime.env["SHOP"], runtime.env["DEFECT"]) == ("tea", "1")


def test_a_second_instance_runs_beside_the_first_with_a_folder_of_its_own(site: Site) -> None:
    plan = pair(process(WORK="{work}", OTHER="{candidate.url}"))
    with open_stacks(plan, "process", site) as stacks:
        stacks["baseline"].start()
        second = open_again(plan, "baseline", site, stacks.places, {"baseline": {"FLAG": "on"}})
        with closing(second):
            second.start()
            assert second.url != stacks["baseline"].url
            first, again = get(stacks["baseline"].url + "/env"), get(second.url + "/env")
            assert (first["WORK"], again["WORK"]) == (str(site.work), str(site.work / "again"))
            assert first["OTHER"] == again["OTHER"] == stacks["candidate"].url
            assert again["FLAG"] == "on"
        assert stacks["baseline"].is_running()
        assert not second.is_running()


def test_a_second_instance_needs_a_process_driver(site: Site) -> None:
    plan = pair()
    with open_stacks(plan, "process", site) as stacks, pytest.raises(GodwitError, match=r"router.drivers.process"):
        open_again(plan, "router", site, stacks.places, {})
