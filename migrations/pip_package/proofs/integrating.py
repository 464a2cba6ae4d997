"""Integrations: each kind of failure has its diagnosis, a migration goes on without them, and they are resumed."""

from pathlib import Path

from pip_package.proofs.proof import Place, stand_ins
from plumbing.proof import Proof

FAILURES = {
    "bad-token": ("token validation: ✗", "token refused"),
    "down": ("network connectivity: ✗", "HTTP 503"),
    "degraded": ("API status: ✗", "service degraded"),
    "no-permission": ("guild permissions: ✗", "missing manage_channels"),
}
LOOKS = ("network connectivity", "token validation", "API status", "guild permissions")


def prove(proof: Proof, folder: Path) -> None:
    """All of it."""
    place = Place(folder / "a")
    with stand_ins(place) as server:
        server.modes["discord"] = "degraded"
        done = place.orch("migrate-from-git", str(place.source), "--automated")
        proof.that(
            "a migration goes on without Discord", done.returncode == 0 and place.journal()["pending"] == ["discord"]
        )
        proof.that("and says how to retry it", "migrate-resume --integration discord" in done.stdout)
        early = place.orch("migrate-resume", "--integration", "discord")
        proof.that("too early a retry is refused", early.returncode == 1 and place.journal()["pending"] == ["discord"])
        for mode, (look, said) in FAILURES.items():
            server.modes["discord"] = mode
            shown = place.orch("recover", "--issue", "integration_failure")
            proof.that(
                f"{mode}: three integrations are named",
                all(n in shown.stdout for n in ("Discord bot", "Claude API", "GitHub")),
            )
            proof.that(f"{mode}: four looks at Discord", all(f"{name}:" in shown.stdout for name in LOOKS))
            proof.that(f"{mode}: the right one fails", look in shown.stdout and said in shown.stdout)
            proof.that(f"{mode}: the others work", "Claude API: ✓" in shown.stdout and "GitHub: ✓" in shown.stdout)
            proof.that(f"{mode}: it is not recovered yet", shown.returncode == 1)
        proof.that("health tells it", place.orch("health", "--check-all").returncode == 1)
        server.modes["discord"] = "ok"
        resumed = place.orch("migrate-resume", "--integration", "discord")
        proof.that("after the outage it is resumed", resumed.returncode == 0 and place.journal()["pending"] == [])
        proof.that("and the channels are told", sum(1 for call in server.calls if call["method"] == "PATCH") == 3)
        proof.that(
            "nothing is left to recover", place.orch("recover", "--issue", "integration_failure").returncode == 0
        )
        _orchestrates(proof, place, server)


def _orchestrates(proof: Proof, place: Place, server: object) -> None:
    projects = place.yaml("registry.yaml")["projects"]
    messages = getattr(server, "messages")  # noqa: B009  # the stand-in is told by its own name
    for name, project in projects.items():
        messages[project["discord_channel"]["id"]] = [{"id": f"m-{name}", "content": "/status"}]
    once = place.orch("start", "--discord", "--once")
    proof.that("each project answers in its channel", "answered 3 commands" in once.stdout)
    answers = [call["body"]["content"] for call in getattr(server, "calls") if call["path"].endswith("/answers")]  # noqa: B009
    proof.that("and speaks of itself", sorted(each.partition(":")[0] for each in answers) == sorted(projects))
    started = place.orch("start", "--discord")
    proof.that("the orchestrator starts", started.returncode == 0 and "runs as" in started.stdout)
    proof.that("status tells it", "Orchestrator: running" in place.orch("status").stdout)
    proof.that("and it ends when told", "stopped" in place.orch("stop").stdout)
