"""The trials of the systems by name: model calls, the one application, its performance."""

_ROOM = "v3_roadmap.trials"
TRIALS = {
    "baseline-figures": f"{_ROOM}.calls:baseline_figures",
    "model-calls": f"{_ROOM}.calls:succeed",
    "model-errors": f"{_ROOM}.calls:errors",
    "model-retry": f"{_ROOM}.calls:retry",
    "model-recovery": f"{_ROOM}.calls:recovery",
    "model-fallback": f"{_ROOM}.calls:fallback",
    "model-beside-old": f"{_ROOM}.calls:beside_old",
    "model-rollback": f"{_ROOM}.calls:rollback",
    "one-application": f"{_ROOM}.application:one_application",
    "features": f"{_ROOM}.application:features",
    "score": f"{_ROOM}.application:score",
    "dashboard": f"{_ROOM}.application:dashboard",
    "realtime": f"{_ROOM}.application:realtime",
    "workflows": f"{_ROOM}.application:workflows",
    "agents": f"{_ROOM}.application:agents",
    "cache": f"{_ROOM}.strain:cache",
    "overload": f"{_ROOM}.strain:overload",
    "endurance": f"{_ROOM}.strain:endurance",
    "security": f"{_ROOM}.strain:security",
}
