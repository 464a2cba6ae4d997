"""The container driver against a real engine: networks, dependencies, what it says when something is missing."""

import json
import os
import socket
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from godwit.stacks import Site, engine, open_stacks
from godwit.stacks.cgroups import sample_container
from godwit.stacks.owners import this_process
from godwit.verdict import StackError
from tests.stacks.conftest import contained, pair

needs_engine = [pytest.mark.containers, pytest.mark.usefixtures("local_engine")]


def owned() -> list[str]:
    """Names of every container and network of this process."""
    mark = {"label": f"{engine.OWNER}={this_process()}"}
    with closing(engine.connect()) as client:
        things = [*client.containers.list(all=True, filters=mark), *client.networks.list(filters=mark)]
        return [thing.name for thing in things]


def environment(url: str) -> dict[str, str]:
    with urllib.request.urlopen(url + "/env", timeout=5) as answer:
        return dict(json.load(answer))


class TestWithAnEngine:
    pytestmark = needs_engine

    def test_both_roles_see_each_other_and_tools_see_both(self, site: Site) -> None:
        candidate = contained("2", env={"VERSION": "2", "OTHER": "{baseline.url}", "SEED": "{seed}"})
        with open_stacks(pair(contained(), candidate), "container", site) as stacks:
            for stack in stacks.values():
                stack.start()
            env = environment(stacks["candidate"].url)
            assert (env["OTHER"], env["SEED"]) == ("http://baseline:8000", "7")
            container = stacks["candidate"]._container  # type: ignore[attr-defined]
            program = "import urllib.request as u; print(u.urlopen('http://baseline:8000/health').read().decode())"
            code, output = container.exec_run(["python", "-c", program])
            assert (code, json.loads(output)["version"]) == (0, "1")

    def test_ports_are_published_on_loopback_only(self, site: Site) -> None:
        with open_stacks(pair(contained(), contained("2")), "container", site) as stacks:
            stacks["baseline"].start()
            container = stacks["baseline"]._container  # type: ignore[attr-defined]
            container.reload()
            assert [one["HostIp"] for one in container.attrs["NetworkSettings"]["Ports"]["8000/tcp"]] == ["127.0.0.1"]

    def test_dependencies_answer_at_their_places_and_outlive_the_stack(self, site: Site) -> None:
        wants = {"db": {"kind": "postgresql"}, "cache": {"kind": "redis"}}
        store = "postgresql+psycopg://godwit:godwit@{db.address}/godwit"
        candidate = contained(
            "2", dependencies=wants, store=store, env={"VERSION": "2", "STORE": "{store}", "CACHE": "{cache.address}"}
        )
        with open_stacks(pair(contained(), candidate), "container", site) as stacks:
            stacks["candidate"].start()
            env = environment(stacks["candidate"].url)
            assert env["STORE"] == "postgresql+psycopg://godwit:godwit@candidate-db:5432/godwit"
            assert env["CACHE"] == "candidate-cache:6379"
            stacks["candidate"].stop()
            sqlalchemy = pytest.importorskip("sqlalchemy")
            database = sqlalchemy.create_engine(stacks["candidate"].store)
            with database.connect() as connection:
                assert connection.execute(sqlalchemy.text("select current_user")).scalar() == "godwit"
            database.dispose()
            host, port = stacks.places.outside["candidate.cache.address"].split(":")
            with socket.create_connection((host, int(port)), 5) as cache:
                cache.sendall(b"PING\r\n")
                assert cache.recv(16) == b"+PONG\r\n"
            assert len(owned()) == 4  # the stack, both servers, the network
        assert owned() == []

    def test_work_is_shared_with_the_container_when_its_words_speak_of_it(self, site: Site) -> None:
        baseline = contained(env={"VERSION": "1", "WHERE": "{work}"}, store="sqlite:///{work}/a.db")
        with open_stacks(pair(baseline, contained("2")), "container", site) as stacks:
            assert stacks["baseline"].store == f"sqlite:///{site.work}/a.db"
            stacks["baseline"].start()
            container = stacks["baseline"]._container  # type: ignore[attr-defined]
            container.exec_run(["sh", "-c", "echo seen > $WHERE/note"])
            assert (site.work / "note").read_text() == "seen\n"

    def test_files_of_the_container_outlive_a_restart(self, site: Site) -> None:
        with open_stacks(pair(contained(), contained("2")), "container", site) as stacks:
            stacks["baseline"].start()
            container = stacks["baseline"]._container  # type: ignore[attr-defined]
            container.exec_run(["sh", "-c", "echo kept > /app/note"])
            stacks["baseline"].stop()
            stacks["baseline"].start()
            assert container.exec_run(["cat", "/app/note"]).output == b"kept\n"

    def test_a_changed_environment_makes_a_new_container_at_the_next_start(self, site: Site) -> None:
        extra = {"baseline": {"FLAG": "off"}}
        with open_stacks(pair(contained(), contained("2")), "container", site, extra) as stacks:
            stacks["baseline"].start()
            stacks["baseline"].stop()
            extra["baseline"]["FLAG"] = "on"
            stacks["baseline"].start()
            assert environment(stacks["baseline"].url)["FLAG"] == "on"
            stacks["baseline"].stop()
            assert stacks["baseline"].log_path.read_text().count("starting 1\n") == 2

    def test_a_paused_container_can_be_stopped(self, site: Site) -> None:
        with open_stacks(pair(contained(), contained("2")), "container", site) as stacks:
            stacks["baseline"].start()
            stacks["baseline"]._container.pause()  # type: ignore[attr-defined]
            stacks["baseline"].stop()
            assert not stacks["baseline"].is_running()

    def test_an_exit_at_start_tells_code_and_last_lines_and_leaves_nothing_running(self, site: Site) -> None:
        broken = contained(env={"VERSION": "1", "MODE": "exit"})
        with open_stacks(pair(broken, contained("2")), "container", site) as stacks:
            with pytest.raises(StackError) as caught:
                stacks["baseline"].start()
            assert "exit code 3" in str(caught.value)
            assert "the store is locked" in str(caught.value)
            assert not stacks["baseline"].is_running()

    def test_the_wrong_version_is_told(self, site: Site) -> None:
        wrong = contained(timeout="2s", env={"VERSION": "0.9"})
        with (
            open_stacks(pair(wrong, contained("2")), "container", site) as stacks,
            pytest.raises(StackError, match=r"is '0\.9', the plan says '1'"),
        ):
            stacks["baseline"].start()

    def test_a_port_that_is_taken_is_told(self, site: Site) -> None:
        with open_stacks(pair(contained(), contained("2")), "container", site) as stacks, socket.socket() as other:
            port = int(stacks["baseline"].url.rpartition(":")[2])
            other.bind(("127.0.0.1", port))
            other.listen()
            with pytest.raises(StackError, match=f"port {port} on 127.0.0.1 is taken by process {os.getpid()} "):
                stacks["baseline"].start()

    def test_an_image_that_is_missing_is_named_with_the_way_out(self, site: Site) -> None:
        missing = contained(build=None, image="godwit.invalid/no-such-image:1")
        with pytest.raises(StackError, match=r"godwit\.invalid/no-such-image:1") as caught:
            open_stacks(pair(missing, missing), "container", site)
        assert "containers/prepare" in str(caught.value)
        assert owned() == []

    def test_a_missing_image_of_a_dependency_leaves_nothing_behind(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GODWIT_REDIS_IMAGE", "godwit.invalid/redis:0")
        wants = {"db": {"kind": "postgresql"}, "cache": {"kind": "redis"}}
        with pytest.raises(StackError, match="GODWIT_REDIS_IMAGE"):
            open_stacks(pair(contained(dependencies=wants), contained("2")), "container", site)
        assert owned() == []

    def test_a_build_that_fails_tells_its_last_lines(self, site: Site, tmp_path: Path) -> None:
        (tmp_path / "Dockerfile").write_text("ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN echo cannot go on && exit 4\n")
        here = Site(site.run_id, site.work, site.logs, tmp_path, site.seed, site.python)
        with pytest.raises(StackError, match="cannot go on"):
            open_stacks(pair(contained(), contained("2")), "container", here)


def test_without_an_engine_the_message_says_what_to_do(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with pytest.raises(StackError) as caught:
        open_stacks(pair(contained(), contained("2")), "container", site)
    assert "no container engine answers at tcp://127.0.0.1:9" in str(caught.value)
    assert "docker.io" in str(caught.value)
    assert "run again with profile process" in str(caught.value)


@pytest.mark.parametrize(
    ("groups", "files"),
    [
        pytest.param(
            "9:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n0::/\n",
            {
                "memory/docker/x/memory.stat": "rss 1\ntotal_rss 5000000\ntotal_mapped_file 2000000\n",
                "memory/docker/x/cgroup.procs": "41\n42\n",
                "cpuacct/docker/x/cpuacct.usage": "1500000000\n",
            },
            id="version-1",
        ),
        pytest.param(
            "0::/system.slice/docker-x.scope\n",
            {
                "system.slice/docker-x.scope/memory.stat": "anon 5000000\nfile_mapped 2000000\n",
                "system.slice/docker-x.scope/cgroup.procs": "41\n42\n",
                "system.slice/docker-x.scope/cpu.stat": "usage_usec 1500000\n",
            },
            id="version-2",
        ),
    ],
)
def test_both_versions_of_control_groups_are_read(groups: str, files: dict[str, str], tmp_path: Path) -> None:
    seen = {f"proc/41/{name}": "" for name in ("task/41/stat", "task/43/stat")}
    for name, content in {
        "proc/41/cgroup": groups, **seen, **{f"sys/{name}": text for name, text in files.items()},
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    (tmp_path / "proc/41/fd").mkdir()
    for name, opened in (("0", "/dev/null"), ("1", "socket:[7]")):
        (tmp_path / "proc/41/fd" / name).symlink_to(opened)
    sample = sample_container(41, ended_cpu_s=1.0, proc=tmp_path / "proc", mounts=tmp_path / "sys")
    assert (sample.cpu_s, sample.pss_mb, sample.rss_mb, sample.processes) == (2.5, 5.0, 7.0, 2)
    assert sample.threads == 2  # the second process has ended meanwhile
    assert sample.connections == 1
    cheap = sample_container(41, whole=False, proc=tmp_path / "proc", mounts=tmp_path / "sys")
    assert (cheap.pss_mb, cheap.connections) == (5.0, None)


def test_a_group_that_cannot_be_read_is_an_error_and_not_zero(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="cannot be read"):
        sample_container(41, proc=tmp_path, mounts=tmp_path)
