"""A stack in a container, and what is common to all containers of ours; refuses to remove what it did not create."""

import threading
import time
from collections.abc import Callable
from typing import Any

from godwit.stacks import ports
from godwit.stacks.cgroups import processes_of, sample_container
from godwit.stacks.engine import is_gone, told
from godwit.stacks.health import check, failure, tail, wait_until_healthy
from godwit.stacks.places import Places, fill
from godwit.stacks.stack import Request
from godwit.verdict import Health, Sample, StackError

Container = Any
"""The engine's own object, which carries no types."""


class ContainerStack:
    """A version that runs in one container, kept over restarts as its files are; and the dependencies opened for it."""

    writable = True

    def __init__(
        self,
        request: Request,
        places: Places,
        create: Callable[[dict[str, str]], Container],
        tried: str,
        give_back: Callable[[], None],
    ) -> None:
        own = places.of(request.role)
        self.role, self.version, self.log_path = request.role, request.spec.version, request.log_path
        self.url, self.store = own["url"], places.store(request.role)
        self._request, self._create, self._tried, self._give_back = request, create, tried, give_back
        self._port, self._led = int(own["port"]), 0
        self._writes_to = fill(request.spec.writes_to, own)
        self._container: Container | None = None
        self._env: dict[str, str] = {}
        self._ended_cpu_s = 0.0
        self._log_start = 0
        self._follower: threading.Thread | None = None
        self._lock = threading.RLock()

    def start(self) -> None:
        """Create the container, or start the one there is, and wait for health within the plan's `timeout_s`."""
        with self._lock:
            if self.is_running():
                raise StackError(f"{self.role} (container) runs already; stop it first")
            began = time.monotonic()
            try:
                ports.wait_until_free(self._port)
                self._run()
                timeout_s = self._request.spec.health.timeout_s if self._request.spec.health else 0.0
                why = wait_until_healthy(self.health, timeout_s, lambda: self._gone(began))
            except StackError as error:
                why = str(error)
            except BaseException:
                self.kill()
                raise
            if why:
                lines = self.logs(20)
                self.kill()
                raise failure(self.role, "container", self._tried, why, lines, self.log_path)

    def stop(self, timeout_s: float = 10.0) -> None:
        """The engine's stop: SIGTERM, and SIGKILL after `timeout_s` (whole seconds, as the engine counts)."""
        with self._lock:
            if self._container is None or not self.is_running():
                return
            self._remember_cpu()
            with told(f"stop {self.role}"):
                self._thaw(self._container)
                self._container.stop(timeout=max(1, round(timeout_s)))
            self._stop_following()

    def kill(self) -> None:
        """SIGKILL to the container."""
        with self._lock:
            if self._container is None or not self.is_running():
                return
            self._remember_cpu()
            with told(f"kill {self.role}"):
                self._thaw(self._container)
                try:
                    self._container.kill()
                    self._container.wait(timeout=10.0)
                except Exception:
                    if self.is_running():  # otherwise it ended by itself just before
                        raise
            self._stop_following()

    def is_running(self) -> bool:
        """Whether the container runs; a paused one does."""
        return self._state() in ("running", "paused", "restarting")

    def health(self) -> Health:
        """What it answers now; a container that has ended is not asked, as another may have its port."""
        if not self.is_running():
            return Health(False, 0, None, detail="not running")
        return check(self.url, self._request.spec)

    def logs(self, last: int = 50) -> list[str]:
        """The last lines that the container wrote, over all its lives."""
        if self._container is None or not self._state():
            return tail(self.log_path, last)
        with told(f"read the logs of {self.role}"):
            content: bytes = self._container.logs(tail=last)
        return content.decode("utf-8", "replace").splitlines()

    def pids(self) -> tuple[int, ...]:
        """Ids of its processes on this machine; empty when the engine is elsewhere."""
        leader = self._leader()
        return processes_of(leader) if leader else ()

    def sample(self, *, whole: bool = True) -> Sample:
        """Memory and CPU from the container's control group, CPU over all its lives.

        A cheap look does not ask the engine anew, which takes longer than all the rest.
        """
        leader = self._leader() if whole or not self._led else self._led
        self._led = leader
        if not leader:
            raise StackError(f"{self.role} (container) does not run: nothing to sample")
        return sample_container(leader, whole=whole, ended_cpu_s=self._ended_cpu_s, patterns=self._writes_to)

    def runtime(self) -> None:
        """Nothing: its code is called inside the container only."""

    def close(self) -> None:
        """Stop and remove it with its volumes, and give back its port and its dependencies."""
        with self._lock:
            try:
                self.stop()
                self._discard()
            finally:
                give_back, self._give_back = self._give_back, lambda: None
                give_back()
                ports.release(self._port)

    def _run(self) -> None:
        env = self._request.added_env()
        if self._container is not None and env != self._env:
            self._discard()  # an environment is fixed when a container is created
        if self._container is None:
            self._env = env
            self._log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
            self._container = self._create(env)
        else:
            with told(f"start {self.role} again"):
                self._container.start()
        self._follow(self._container)

    def _discard(self) -> None:
        container, self._container = self._container, None
        if container is not None:
            with told(f"remove {self.role}"):
                try:
                    container.remove(v=True, force=True)
                except Exception as error:
                    if not is_gone(error):
                        raise
                finally:
                    container.client.close()
            self._stop_following()

    def _state(self) -> str:
        container = self._container
        if container is None:
            return ""
        try:
            with told(f"look at {self.role}"):
                container.reload()
        except StackError:
            return ""
        return str(container.status)

    def _leader(self) -> int:
        container = self._container
        return int(container.attrs["State"]["Pid"]) if self._state() in ("running", "paused") and container else 0

    def _gone(self, began: float) -> str:
        if self.is_running():
            return ""
        state: dict[str, Any] = self._container.attrs["State"] if self._container else {}
        memory = ", out of memory" if state.get("OOMKilled") else ""
        return f"exit code {state.get('ExitCode')}{memory} after {time.monotonic() - began:.1f} s"

    def _thaw(self, container: Container) -> None:
        if container.status == "paused":
            container.unpause()

    def _remember_cpu(self) -> None:
        try:
            self._ended_cpu_s = self.sample().cpu_s
        except StackError:
            return

    def _follow(self, container: Container) -> None:
        """Copy all that the container ever wrote to the log file, and go on as it writes."""
        self.log_path.parent.mkdir(parents=True, exist_ok=True)

        def copy() -> None:
            with self.log_path.open("ab") as log:
                log.truncate(self._log_start)
                try:
                    with told(f"follow the logs of {self.role}"):
                        for chunk in container.logs(stream=True, follow=True):
                            log.write(chunk)
                            log.flush()
                except StackError as error:
                    log.write(f"godwit: {error}\n".encode())

        self._follower = threading.Thread(target=copy, name=f"godwit-logs-{self.role}", daemon=True)
        self._follower.start()

    def _stop_following(self) -> None:
        follower, self._follower = self._follower, None
        if follower is not None:
            follower.join(5.0)
