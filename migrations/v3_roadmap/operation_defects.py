"""Defects of operations that can be seeded: portability, stack, alerts, deployment, reports; each a patch of the tools at start."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from plumbing.defects import DefectTable, Patch

DEFECTS = DefectTable()


def _module(name: str) -> Any:
    """A module of the tools, to be patched."""
    return importlib.import_module(f"v3_roadmap.{name}")


def _defect(name: str, sentence: str) -> Callable[[Patch], Patch]:
    return DEFECTS.defect(name, part="tools", sentence=sentence)


# ---------------------------------------------------------------- portability


@_defect("links-absolute", "An installation links to where it was deployed first.")
def _links_absolute() -> None:
    layouts = _module("portability.layouts")

    def put(path: Any, target: Any, tree: Any, program: Any) -> None:
        if path.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(program / path.resolve().relative_to(tree.resolve()))
        else:
            whole(path, target, tree, program)

    whole = layouts._put  # noqa: SLF001
    layouts._put = put  # noqa: SLF001


@_defect("ci-before-container", "A container in which CI runs is taken for a machine of CI.")
def _ci_before_container() -> None:
    detection, deploying = _module("portability.detection"), _module("portability.deploying")
    whole = detection.kind_of

    def kind_of(environ: Any, root: Any, here: Any) -> Any:
        found = whole(environ, root, here)
        return "ci" if found == "container" and environ.get("CI") else found

    detection.kind_of = deploying.kind_of = kind_of


@_defect("settings-overwritten", "Settings that somebody set by hand are written anew.")
def _settings_overwritten() -> None:
    configuration, deploying = _module("portability.configuration"), _module("portability.deploying")
    whole = configuration.configure

    def configure(folder: Any, kind: str, layout_name: str) -> Any:
        configuration.LAYOUTS[layout_name].configuration(folder).unlink(missing_ok=True)
        return whole(folder, kind, layout_name)

    configuration.configure = deploying.configure = configure


@_defect("real-without-isolated", "A real deployment needs no isolated one before.")
def _real_without_isolated() -> None:
    deploying = _module("portability.deploying")
    whole = deploying.deployed

    def deployed(*given: Any, **_: Any) -> Any:
        return whole(*given)

    deploying.deployed = deployed


# ---------------------------------------------------------------- stack and alerts


@_defect("redis-floats", "The version of Redis in compose.yaml is whatever is the latest.")
def _redis_floats() -> None:
    rendering = _module("infrastructure.rendering")
    whole = rendering.rendered

    def rendered(environment: str, *folder: Any) -> Any:
        document = whole(environment, *folder)
        document["services"]["redis"]["image"] = "redis:latest"
        return document

    rendering.rendered = rendered


@_defect("retention-a-week", "Prometheus keeps a week instead of thirty days.")
def _retention_a_week() -> None:
    rendering = _module("infrastructure.rendering")
    whole = rendering.rendered

    def rendered(environment: str, *folder: Any) -> Any:
        document = whole(environment, *folder)
        service = document["services"]["prometheus"]
        service["command"] = [word.replace("30d", "7d") for word in service["command"]]
        return document

    rendering.rendered = rendered


@_defect("memory-alert-late", "The alert on memory comes at 90 MB.")
def _memory_alert_late() -> None:
    _alert("MemoryHigh", limit=90)


@_defect("model-alert-turned", "The alert on model calls fires when they succeed.")
def _model_alert_turned() -> None:
    _alert("ModelFailing", sign=">")


def _alert(name: str, **changes: Any) -> None:
    alerting = _module("infrastructure.alerting")
    whole = alerting.alerts_of
    alerting.alerts_of = lambda phase: tuple(
        replace(alert, **changes) if alert.name == name else alert for alert in whole(phase)
    )


@_defect("cache-left-out", "The stack comes up with the application's own memory for a cache.")
def _cache_left_out() -> None:
    programs = _module("infrastructure.programs")
    whole = programs.service

    def service(module: str, *words: Any, **options: Any) -> Any:
        kept = ["memory" if str(word).startswith("redis://") else word for word in words]
        return whole(module, *kept, **options)

    programs.service = service


@_defect("panel-of-nothing", "A panel asks for a series that nobody has.")
def _panel_of_nothing() -> None:
    dashboards = _module("infrastructure.dashboards")
    title, panels = dashboards.DASHBOARDS["system"]
    spoiled = replace(panels[0], expression="process_cpu_minutes_total")
    dashboards.DASHBOARDS["system"] = (title, (spoiled, *panels[1:]))


# ---------------------------------------------------------------- deployment


@_defect("all-at-once", "All traffic goes to a new release at once.")
def _all_at_once() -> None:
    _module("deployment.pipeline").SPLITS = (100,)


@_defect("health-unread", "What a new release answers is not looked at while its share grows.")
def _health_unread() -> None:
    _module("deployment.pipeline").Deployment._watched = lambda *_: ""  # noqa: SLF001


@_defect("staging-waved-through", "A release that fails on staging is brought out all the same.")
def _staging_waved_through() -> None:
    kind = _module("deployment.pipeline").Deployment
    kind._demand_validation = lambda *_: None  # noqa: SLF001


@_defect("rollback-forgets-the-rest", "A rollback leaves a tenth of the traffic with the new release.")
def _rollback_forgets_the_rest() -> None:
    pipeline = _module("deployment.pipeline")

    def roll_back(self: Any, release: Any, reason: str) -> float:
        self._router.split(10)
        self._note("rolled-back", release, reason=reason, seconds=0.1, analysis={"answered": 1})
        return 0.1

    pipeline.Deployment.roll_back = roll_back


@_defect("start-tried-once", "A start that fails is not tried again.")
def _start_tried_once() -> None:
    _module("deployment.pipeline").TRIES = 1


@_defect("contract-too-early", "The old column is dropped before all of it was copied.")
def _contract_too_early() -> None:
    schema = _module("deployment.schema")
    schema.fill = lambda url: 0
    schema.contract = lambda url: schema._with_short_locks(  # noqa: SLF001
        url, "alter table agents drop column if exists specialization"
    )


@_defect("crash-unnoticed", "The router goes on sending to a service that is gone.")
def _crash_unnoticed() -> None:
    router = _module("deployment.router")
    for word in (
        "option httpchk GET /health",
        "option redispatch 1",
        "retry-on conn-failure empty-response response-timeout",
    ):
        router.CONFIG = router.CONFIG.replace(f"    {word}\n", "")
    router.CONFIG = router.CONFIG.replace(
        "check inter 200ms fall 1 rise 1 observe layer4 error-limit 1 on-error mark-down", "check inter 60s fall 100"
    )
    router.CONFIG = router.CONFIG.replace("retries 3", "retries 0")


# ---------------------------------------------------------------- reports


@_defect("open-is-met", "A figure that nobody measured counts as met.")
def _open_is_met() -> None:
    reports = _module("reporting.reports")
    whole = reports.state_of_kpi
    reports.state_of_kpi = lambda kpi, results: "met" if whole(kpi, results) == "open" else whole(kpi, results)
