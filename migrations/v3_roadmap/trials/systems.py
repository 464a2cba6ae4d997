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
}
