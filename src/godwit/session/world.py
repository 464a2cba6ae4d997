"""The running world of one plan: stacks, router, stores, journal and users; it brings them up and down, and judges nothing."""

import sys
import time
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from godwit.plan import Plan, Profile, Stacks, masked
from godwit.rollout import Journal, RouterControl, users
from godwit.session.events import EventLog
from godwit.session.hiding import hide_in_files
from godwit.stacks import OpenStacks, Places, Site, Stack, fill, open_again, open_stacks, ownership, sweep
from godwit.state import Store
from godwit.surfaces import CommandResult, run_command
from godwit.verdict import HarnessError

if TYPE_CHECKING:
    from godwit.session.switches import Switches

_ROLES = ("baseline", "candidate", "router")


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that decides how a plan is run: profile, where the evidence goes, seed, roles, defect, permissions.

    `secrets` are the texts that nothing stored or shown may hold (see `spellings`). `seed` is that of the plan unless
    another was asked for, which then stands here, too.
    """

    plan: Plan
    profile: Profile
    out: Path
    run_id: str
    candidate_as_baseline: bool = False
    defect: str | None = None
    allow: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    seed: int | None = None


class World:
    """Stacks and everything around them. Nothing is started before a step of the plan says so."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.plan = setting.plan
        self.out = setting.out
        self.work = setting.out / "work"
        self.work.mkdir(parents=True, exist_ok=True)
        (setting.out / "logs").mkdir(exist_ok=True)
        self.mask = partial(masked, secrets=setting.secrets)
        self.events = EventLog(setting.out / "events.ndjson", time.time, self.mask)
        self.journal = Journal(setting.out / "journal.ndjson", self.mask)
        self._stores: dict[str, Store] = {}
        self._seconds: dict[str, Stack] = {}
        self._commands = 0
        self._extra_env = {role: dict(self._defect_env().get(role, {})) for role in (*_ROLES, "tools")}

    @cached_property
    def _site(self) -> Site:
        return Site(
            run_id=self.setting.run_id,
            work=self.work.resolve(),
            logs=(self.out / "logs").resolve(),
            plan_dir=self.plan.directory.resolve(),
            seed=self.plan.migration.seed,
            python=sys.executable,
        )

    @cached_property
    def _opened(self) -> OpenStacks:
        for left_over in sweep():
            self.events.emit("swept", text=left_over)
        self.events.emit("stack", text=f"opening stacks ({self.setting.profile})")
        return open_stacks(
            self.plan.stacks,
            self.setting.profile,
            self._site,
            extra_env=self._extra_env,
            candidate_as_baseline=self.setting.candidate_as_baseline,
            allow=self.setting.allow,
            one_store=self.plan.state is not None and self.plan.state.parallel == "shared",
        )

    @property
    def stacks(self) -> Mapping[str, Stack]:
        """Stacks by role."""
        return self._opened

    @property
    def places(self) -> Places:
        """What `{name}` stands for in commands."""
        return self._opened.places

    def stack(self, role: str) -> Stack:
        """The stack of a role; HarnessError if the plan has none."""
        try:
            return self.stacks[role]
        except KeyError:
            raise HarnessError(f"the plan has no stack for the role {role}; it has {', '.join(self.stacks)}") from None

    def played_by(self, role: str) -> str:
        """Which version plays a role: the baseline plays both in an A/A run."""
        return "baseline" if self.setting.candidate_as_baseline else role

    def again(self, role: str) -> Stack:
        """A second instance of a role's stack, running beside the first; it is started once and ends with the run."""
        if role not in self._seconds:
            second = open_again(self.plan.stacks, role, self._site, self.places, self._extra_env)
            try:
                second.start()
            except BaseException:
                second.close()
                raise
            self._seconds[role] = second
        return self._seconds[role]

    def beside(self, role: str, store: str | None = None) -> Stack:
        """Another instance of a role's code, on a store (a URL) if one is given, not started; whoever asked for it closes it."""
        return open_again(self._specs, role, self._site, self.places, self._extra_env, store)

    @property
    def _specs(self) -> Stacks:
        """The stacks as the roles are played in this run."""
        stacks = self.plan.stacks
        same = self.setting.candidate_as_baseline
        return stacks.model_copy(update={"candidate": stacks.baseline}) if same else stacks

    def faults(self, role: str) -> str:
        """The URL at which the stack of a role takes faults; HarnessError if the plan names none."""
        spec = getattr(self.plan.stacks, role)
        if spec is None or spec.faults is None:
            raise HarnessError(f"stacks.{role}.faults is not in the plan, so it cannot be made to fail")
        return self.stack(role).url + str(spec.faults)

    def may_write(self, *roles: str) -> None:
        """Go on only if the stacks of these roles may be written to; HarnessError says what allows it."""
        for role in roles:
            stack = self.stack(role)
            if not stack.writable:
                host = urlsplit(stack.url).hostname
                raise HarnessError(
                    f"this would write to {role} at {stack.url}, which godwit did not start; allow it with "
                    f"--allow write:{host}"
                )

    def store(self, role: str) -> Store:
        """The state store of a role, opened once."""
        url = self.stack(role).store
        if url is None:
            raise HarnessError(f"stacks.{role} names no store under the {self.setting.profile} profile")
        if url not in self._stores:
            self._stores[url] = Store(url)
        return self._stores[url]

    @cached_property
    def router(self) -> RouterControl:
        """The control of the router; HarnessError if the plan has none, or it may not be written to."""
        if self.plan.rollout is None or self.plan.flags.control is None:
            raise HarnessError("the plan has no rollout.router or no flags.control, which this needs")
        self.may_write("router")
        return RouterControl(self.stack("router").url, self.plan.rollout.router, self.plan.flags.control)

    @cached_property
    def switches(self) -> "Switches":
        """The flags, through whatever control the plan gives them."""
        from godwit.session.switches import Switches

        return Switches(self)

    @cached_property
    def users(self) -> list[tuple[str, str]]:
        """The made-up users as (id, team), the same for the same seed."""
        if self.plan.rollout is None:
            raise HarnessError("the plan has no rollout, so it has no users")
        return users(self.plan.rollout.users, self.plan.migration.seed)

    def variables(self, role: str) -> MutableMapping[str, str]:
        """What the stack of a role gets into its environment besides the plan's words, from its next start on."""
        return self._extra_env[role]

    def environ(self, role: str) -> dict[str, str]:
        """The environment of a command that stands for a role: that of the run, the seeded defect's on the candidate, and
        the flags that are set there."""
        return {**self.setting.environ, **self._extra_env.get(role, {})}

    def command(self, words: Sequence[str], timeout_s: float, extra: Mapping[str, str] | None = None) -> CommandResult:
        """Run a command of the plan, its places filled, in the plan's folder's parent; its output goes to the logs.

        It carries this process's mark, so that it ends with the run even if the run is killed.
        """
        self._commands += 1
        log = self.out / "logs" / f"command-{self._commands:03}.log"
        filled = self.filled(words, extra)
        where = self.plan.directory.parent
        return run_command(filled, cwd=where, env=self.tools_environ, timeout_s=timeout_s, log=log, mask=self.mask)

    def filled(self, words: Sequence[str], extra: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """The words of a command, its places filled."""
        return tuple(fill(words, {**self.places.outside, **(extra or {})}))

    @property
    def tools_environ(self) -> dict[str, str]:
        """The environment of a tool of the plan, with the seeded defect's and this process's mark."""
        return {**self.setting.environ, **self._extra_env["tools"], **ownership()}

    def folder(self, text: str) -> Path:
        """A path of the plan, its places filled."""
        return Path(fill((text,), self.places.outside)[0])

    def must(self, words: Sequence[str], timeout_s: float, extra: Mapping[str, str] | None = None) -> CommandResult:
        """Run a command that has to succeed; HarnessError with its last lines if it does not."""
        result = self.command(words, timeout_s, extra)
        if result.exit != 0:
            ended = "ran out of time" if result.timed_out else f"ended with exit code {result.exit}"
            tail = "\n  ".join((result.stderr or result.stdout).splitlines()[-10:])
            raise HarnessError(f"{' '.join(result.words)} {ended}\n  {tail}")
        return result

    def close(self) -> None:
        """Stop everything and give it back, whatever happened; later trouble does not hide earlier one."""
        for store in self._stores.values():
            store.close()
        try:
            for second in self._seconds.values():
                second.close()
            if "_opened" in self.__dict__:
                self._opened.close()
            if "switches" in self.__dict__:
                self.switches.close()
        finally:
            self.events.close()
            hide_in_files(self.out, self.setting.secrets)

    def _defect_env(self) -> dict[str, dict[str, str]]:
        if self.setting.defect is None:
            return {}
        defect = next(item for item in self.plan.defects if item.id == self.setting.defect)
        return {role: dict(defect.env) for role in ("candidate", "router", "tools")}
