"""The trials of operations by name: scripts, portability, stack, alerts, cluster, deployment, reports."""

_ROOM = "v3_roadmap.trials"
TRIALS = {
    "scripts-baseline": f"{_ROOM}.scripts:baseline",
    "scripts-consolidated": f"{_ROOM}.scripts:consolidated",
    "scripts-parity": f"{_ROOM}.scripts:parity",
    "scripts-rollback": f"{_ROOM}.scripts:rollback",
}
