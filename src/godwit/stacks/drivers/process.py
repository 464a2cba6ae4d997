"""Brings a stack up as a local process in a session of its own; refuses a port that somebody else listens on."""

import shlex
import signal
import subprocess
import threading
import time

from godwit.plan import ProcessDriver
from godwit.stacks import guard, ports
from godwit.stacks.health import check, failure, tail, wait_until_healthy
from godwit.stacks.interpreters import inherited, python_for
from godwit.stacks.looks import Tree
from godwit.stacks.owners import MARK, Record, end_all, mark_of, members, send, started, this_process
from godwit.stacks.places import Placement, Places, fill, fill_text
from godwit.stacks.stack import Request, Runtime, Stack
from godwit.verdict import Health, Sample, StackError


class Processes:
    """The `process` driver."""

    def place(self, request: Request) -> Placement:
        """Choose a port, which stays the stack's until it is closed."""
        section: ProcessDriver = request.section
        python = python_for(section.python, request.site.plan_dir, request.site.python)
        port = ports.reserve()
        own = {
            "python": python,
            "host": ports.LOOPBACK,
            "port": str(port),
            "work": str(request.work),
            "url": f"http://{ports.LOOPBACK}:{port}",
        }
        return Placement(own, own, section.store)

    def open(self, request: Request, places: Places) -> Stack:
        """The stack, not started; its places are filled now, so that a wrong one is told before anything runs."""
        return ProcessStack(request, places)


class ProcessStack:
    """A version that runs as a process and its descendants; it ends as a whole."""

    writable = True

    def __init__(self, request: Request, places: Places) -> None:
        section: ProcessDriver = request.section
        own = places.of(request.role)
        self.role, self.version, self.log_path = request.role, request.spec.version, request.log_path
        self.url, self.store = own["url"], places.store(request.role)
        self._request, self._port = request, int(own["port"])
        self._words, self._places = fill(section.command, own), own
        self._env = {name: fill_text(text, own) for name, text in section.env.items()}
        self._python = own["python"]
        self._cwd = (request.site.plan_dir / section.cwd).resolve()
        self._process: subprocess.Popen[bytes] | None = None
        self._record: Record | None = None
        self._tree: Tree | None = None
        self._ended_cpu_s = 0.0
        self._lock = threading.RLock()

    def start(self) -> None:
        """Run the command and wait for health within the plan's `timeout_s`."""
        with self._lock:
            if self.is_running():
                raise StackError(f"{self.role} (process) runs already; stop it first")
            began = time.monotonic()
            try:
                ports.wait_until_free(self._port)
                self._spawn()
                why = wait_until_healthy(self.health, self._timeout_s(), lambda: self._gone(began))
            except StackError as error:
                raise self._failure(str(error)) from None
            except BaseException:
                self.kill()
                raise
            if why:
                self.kill()
                raise self._failure(why)

    def stop(self, timeout_s: float = 10.0) -> None:
        """SIGTERM to the leader; what still runs after `timeout_s`, or was left behind by the leader, is killed."""
        with self._lock:
            process = self._process
            if process is None:
                return
            self._remember_cpu()
            if process.poll() is None:
                send([process.pid], signal.SIGTERM)
                send([process.pid], signal.SIGCONT)  # a frozen process would never see the first signal
                try:
                    process.wait(timeout_s)
                except subprocess.TimeoutExpired:
                    self._note(f"did not end within {timeout_s:g} s of SIGTERM: killed")
            self._end()

    def kill(self) -> None:
        """SIGKILL to the leader and everything in its session."""
        with self._lock:
            if self._process is not None:
                self._remember_cpu()
                self._end()

    def is_running(self) -> bool:
        """Whether the leader runs."""
        return self._process is not None and self._process.poll() is None

    def health(self) -> Health:
        """What it answers now; a process that has ended is not asked, as another may have its port."""
        if not self.is_running():
            return Health(False, 0, None, detail="not running")
        return check(self.url, self._request.spec)

    def logs(self, last: int = 50) -> list[str]:
        """The last lines of standard output and standard error, in the order in which they came."""
        return tail(self.log_path, last)

    def pids(self) -> tuple[int, ...]:
        """The leader and everything else in its session."""
        process = self._process
        if process is None or process.poll() is not None:
            return ()
        return (process.pid, *(pid for pid in members(process.pid) if pid != process.pid))

    def sample(self, *, whole: bool = True) -> Sample:
        """Resources of the process tree, and CPU seconds over all its lives."""
        process, tree = self._process, self._tree
        if process is None or tree is None or process.poll() is not None:
            raise StackError(f"{self.role} (process) does not run: nothing to sample")
        return tree.sample(whole=whole, ended_cpu_s=self._ended_cpu_s)

    def runtime(self) -> Runtime:
        """The interpreter that the plan gives it, in its folder, with the environment of its next start."""
        return Runtime(self._python, self._cwd, self._whole_env())

    def close(self) -> None:
        """Stop it and give its port back."""
        self.stop()
        ports.release(self._port)

    def _spawn(self) -> None:
        owner = this_process()
        guard.arm(owner)
        env = {**self._whole_env(), MARK: str(owner)}
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            try:
                self._process = subprocess.Popen(
                    self._words,
                    cwd=self._cwd,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise StackError(f"could not be run: {error}") from None
        pid = self._process.pid
        self._record = Record(pid, started(pid) or "0", owner, self.role)
        self._record.write()
        self._tree = Tree(pid, fill(self._request.spec.writes_to, self._places))

    def _whole_env(self) -> dict[str, str]:
        return {**inherited(), "PYTHONUNBUFFERED": "1", **self._env, **self._request.added_env()}

    def _gone(self, began: float) -> str:
        code = None if self._process is None else self._process.poll()
        if code is None:
            return ""
        how = f"exit code {code}" if code >= 0 else f"ended by {signal.Signals(-code).name}"
        return f"{how} after {time.monotonic() - began:.1f} s"

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if self._tree is not None:
            self._tree.close()
        left = members(process.pid)
        if process.returncode is not None:
            # The leader is reaped, so its id may be somebody else's by now: only what carries our mark is ours.
            left = [pid for pid in left if mark_of(pid) == this_process()]
        end_all(left)
        process.wait()
        if self._record is not None:
            self._record.forget()

    def _remember_cpu(self) -> None:
        try:
            self._ended_cpu_s = self.sample().cpu_s
        except StackError:
            return

    def _timeout_s(self) -> float:
        return self._request.spec.health.timeout_s if self._request.spec.health else 0.0

    def _note(self, text: str) -> None:
        with self.log_path.open("a", encoding="utf-8") as log:
            log.write(f"godwit: {text}\n")

    def _failure(self, why: str) -> StackError:
        tried = f"{shlex.join(self._words)}  (in {self._cwd})"
        return failure(self.role, "process", tried, why, self.logs(20), self.log_path)
