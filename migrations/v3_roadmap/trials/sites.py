"""A production site to deploy to: database, cache, stub of the model API, router, and a release that serves from the blue slot."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from v3_roadmap.deployment.pipeline import Deployment, Release
from v3_roadmap.deployment.router import Router, routing
from v3_roadmap.infrastructure import programs
from v3_roadmap.infrastructure.querying import ask


@dataclass(frozen=True, slots=True)
class Site:
    """Where everything is; `running` ends what was started."""

    folder: Path
    store: str
    cache: str
    models: str
    router: Router
    running: ExitStack
    first: str = ""

    @property
    def journal(self) -> Path:
        """What the deployment tool writes down."""
        return self.folder / "deployments.jsonl"

    @property
    def deployment(self) -> Deployment:
        """The tool, with this site's router and journal."""
        return Deployment(self.journal, self.router, self.running)

    def release(
        self, name: str, slot: str = "green", faults: dict[str, float] | None = None, **environ: str
    ) -> Release:
        """A release of V3; with faults it has them in production only, as a regression that staging did not show."""

        @contextmanager
        def staging() -> Iterator[str]:
            with self._started(f"{name}-staging", f"sqlite:///{self.folder}/{name}.db", "memory", **environ) as url:
                yield url
            (self.folder / f"{name}.db").unlink()

        @contextmanager
        def production() -> Iterator[str]:
            with self._started(name, self.store, self.cache, V3_SERVED_BY=slot, **environ) as url:
                if faults:
                    ask(f"{url}/internal/faults", faults, method="PUT")
                yield url

        return Release(name, staging, production)

    @contextmanager
    def _started(self, name: str, store: str, cache: str, **environ: str) -> Iterator[str]:
        words = ("--store", store, "--cache", cache, "--models", self.models)
        with programs.service("v3_roadmap.candidate", *words, folder=self.folder, name=name, **environ) as url:
            yield url


@contextmanager
def standing_site(folder: Path, **environ: str) -> Iterator[Site]:
    """A site whose blue slot serves all traffic."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as running:
        router = running.enter_context(routing(folder))
        store = running.enter_context(programs.postgresql(folder))
        cache = running.enter_context(programs.redis(folder))
        models = running.enter_context(programs.service("v3_roadmap.models", folder=folder, name="models"))
        site = Site(folder, store, cache, models, router, running)
        url = running.enter_context(site.release("first", "blue", None, **environ).production())
        router.attach("blue", url)
        router.split(0)
        yield replace(site, first=url)
