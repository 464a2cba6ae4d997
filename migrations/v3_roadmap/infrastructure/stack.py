"""Brings the stack of V3 up on loopback, service by service in the order that compose.yaml demands, each checked before the next."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from plumbing.journal import Journal
from v3_roadmap.infrastructure import programs
from v3_roadmap.infrastructure.alerting import write_yaml

HERE = Path(__file__).parent
EVERY = "1s"


@dataclass(slots=True)
class Stack:
    """Where each service answers; `seconds` each took to be healthy. A service that is not part has no URL."""

    urls: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.urls[name]


@contextmanager
def standing(folder: Path, *, observed: bool = True) -> Iterator[Stack]:
    """The stack; without `observed` the reduced one: database, cache and application only. `journal.jsonl` has the order."""
    folder.mkdir(parents=True, exist_ok=True)
    stack, journal = Stack(), Journal(folder / "journal.jsonl")
    with ExitStack() as running:

        def start(name: str, manager: Any) -> str:
            begun = time.monotonic()
            url: str = running.enter_context(manager)
            stack.urls[name], stack.seconds[name] = url, time.monotonic() - begun
            journal.append({"event": "healthy", "service": name})
            return url

        words: list[object] = ["--store", start("postgres", programs.postgresql(folder))]
        words += ["--cache", start("redis", programs.redis(folder))]
        if observed:
            traces = programs.service("v3_roadmap.infrastructure.collector", folder=folder, name="collector")
            words += ["--traces", start("jaeger", traces)]
        start("app", programs.service("v3_roadmap.candidate", *words, folder=folder, name="app"))
        if observed:
            deployments = ("--deployments", folder / "deployments.jsonl")
            exporter = programs.service(
                "v3_roadmap.infrastructure.exporter", *deployments, folder=folder, name="exporter"
            )
            start("exporter", exporter)
            config = scraping(folder, {"app": stack["app"], "exporter": stack["exporter"]})
            start("prometheus", programs.prometheus(folder, config))
        yield stack


def scraping(folder: Path, targets: dict[str, str], rules: dict[str, Any] | None = None) -> Path:
    """The configuration of Prometheus that the stack ships, with these targets by job, and every second for every quarter minute."""
    document = YAML(typ="safe").load(HERE / "prometheus/prometheus.yaml")
    document["global"] = {"scrape_interval": EVERY, "evaluation_interval": EVERY}
    document["scrape_configs"] = [
        {"job_name": job, "static_configs": [{"targets": [url.removeprefix("http://") for url in urls.split()]}]}
        for job, urls in targets.items()
    ]
    document["rule_files"] = ["alerts.yaml"] if rules else []
    if rules:
        write_yaml(rules, folder / "alerts.yaml")
    write_yaml(document, folder / "prometheus.yaml")
    return folder / "prometheus.yaml"
