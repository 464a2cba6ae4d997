"""Assessment: what is found, the score at its boundaries, the segment, the way that is recommended."""

import json
from datetime import date
from pathlib import Path

from pip_package.proofs.proof import Place, part
from plumbing.proof import Proof

NOW = "2024-01-15T14:30:45"
KEYS = {
    "installation_type", "version", "configuration_complexity", "projects", "integrations", "customizations",
    "data_volume", "migration_risk", "recommended_path",
}  # fmt: skip
LEVELS = {0: "minimal", 1: "basic", 3: "basic", 4: "moderate", 7: "moderate", 8: "complex", 9: "complex"}


def prove(proof: Proof, folder: Path) -> None:
    """All of it."""
    place = Place(folder / "assessment", "assessment")
    _found(proof, place)
    _shown(proof, place)
    _scores(proof, Place(folder / "scores", "novice"))
    _segments(proof, folder)


def _found(proof: Proof, place: Place) -> None:
    answers = json.loads(place.orch("migrate-assess", str(place.source), "--json", AGENT_WORKFLOW_NOW=NOW).stdout)
    proof.that("there are nine answers", set(answers) == KEYS)
    proof.that("it is a git clone", answers["installation_type"] == "git clone")
    proof.that("its version is the clone's", answers["version"] == "0.9.8")
    proof.that("three projects are found with their state", [p["state"] for p in answers["projects"]] == [True] * 3)
    proof.that("five files are modified", len(answers["customizations"]["modified_files"]) == 5)
    proof.that("Discord and Claude are found", answers["integrations"] == ["Discord", "Claude API"])
    proof.that("no custom agents", answers["customizations"]["custom_agents"] == [])
    kept = [*place.code.rglob(".orch-state"), *place.code.rglob(".orch-state/**/*")]
    state = sum(path.lstat().st_size for path in kept)
    proof.that("the size of the state is that of its files and folders", answers["data_volume"]["state_bytes"] == state)
    proof.that("five modified files and secrets are moderate", answers["configuration_complexity"] == "moderate")
    proof.that("its risk is low", answers["migration_risk"] == "low")
    proof.that("moderate leads to guided", answers["recommended_path"] == "guided")
    (place.source / "config/own.yml").write_text("a: 1\n")
    told = json.loads(place.orch("migrate-assess", str(place.source), "--json").stdout)
    proof.that("a .yml is not read, and that is said", told["customizations"]["not_read"] == ["config/own.yml"])
    (place.source / "config/own.yml").unlink()


def _shown(proof: Proof, place: Place) -> None:
    shown = place.orch("migrate-assess", str(place.source), AGENT_WORKFLOW_NOW=NOW)
    proof.that("it ends with 0", shown.returncode == 0)
    for word in (
        "Method: git clone", "Version: v0.9.8 (compatible)", "Install date: 2023-08-15", "Usage level: Intermediate",
        "Customization: Moderate", "Projects: 3 registered", "Custom configs: 5 modified files",
        "Integrations: Discord + Claude API", "State data:", "Custom agents: None detected", "Way: guided",
        "Estimated time: 15-20 minutes", "Risk level: Low", "Rollback available: Yes", "[1] Guided", "[2] Automated", "[3] Manual",
    ):  # fmt: skip
        proof.that(f"it shows {word}", word in shown.stdout)
    asked = place.orch("migrate-assess", str(place.source), "--ask", given="\n")
    proof.that("an empty answer means guided", asked.stdout.rstrip().endswith("--guided"))
    proof.that("without a path the usual places are looked at", place.orch("migrate-assess").returncode == 0)
    (place.source / "VERSION").write_text("0.8.1\n")
    old = place.orch("migrate-assess", str(place.source))
    proof.that("an older version is told apart", "not compatible" in old.stdout and "Risk level: High" in old.stdout)
    tried = place.orch("migrate-from-git", str(place.source), "--automated", "--offline")
    proof.that("an older version is not moved", tried.returncode == 1 and not place.home.exists())
    (place.source / "VERSION").write_text("0.9.8\n")


def _scores(proof: Proof, place: Place) -> None:
    legacy, assessment = part("legacy"), part("assessment")

    def score() -> int:
        return int(assessment.complexity_score(legacy.LegacyInstallation(place.source)))

    def level() -> str:
        return str(assessment.MigrationAssessment(place.source).analyze_installation()["configuration_complexity"])

    proof.that("an untouched clone scores 0", score() == 0 and level() == "minimal")
    files = sorted((place.source / "config").glob("*.yaml"))
    for count, path in enumerate(files[:9], 1):
        path.write_text(path.read_text() + "own: 1\n")
        proof.that(f"{count} modified files score {count}", score() == count)
        if count in LEVELS:
            proof.that(f"a score of {count} is {LEVELS[count]}", level() == LEVELS[count])
    before = score()
    (place.source / ".env").write_text("A_KEY=abcdefgh\n")
    proof.that("secrets score 2", score() == before + 2)
    (place.source / "custom").mkdir(exist_ok=True)
    (place.source / "custom/agent-own.yaml").write_text("permissions: [read]\n")
    proof.that("an agent of one's own scores 1", score() == before + 3)
    released = json.loads((place.source / "RELEASE.json").read_text())
    released["files"]["custom/agent-own.yaml"] = "0" * 64
    (place.source / "RELEASE.json").write_text(json.dumps(released))
    proof.that("a modified agent file counts twice", score() == before + 4)
    (place.source / "orchestrator.yaml").unlink()
    proof.that(
        "without orchestrator.yaml in its root it is no clone",
        place.orch("migrate-assess", str(place.source)).returncode == 1,
    )


def _segments(proof: Proof, folder: Path) -> None:
    assessment, clock = part("assessment"), part("clock")
    ways = {"novice": "automated", "assessment": "guided", "advanced": "assisted"}
    names = {"novice": "novice", "assessment": "intermediate", "advanced": "advanced"}
    for kind, way in ways.items():
        place = Place(folder / f"segment-{kind}", kind)
        answers = json.loads(place.orch("migrate-assess", str(place.source), "--json", AGENT_WORKFLOW_NOW=NOW).stdout)
        shown = place.orch("migrate-assess", str(place.source), AGENT_WORKFLOW_NOW=NOW).stdout
        proof.that(f"{kind} is {names[kind]}", f"Usage level: {names[kind].capitalize()}" in shown)
        proof.that(f"{names[kind]} leads to {way}", answers["recommended_path"] == way)
    today = clock.now().date().replace(day=15)
    for months, year, month, day in ((12, 1, 0, 0), (11, 1, 0, 1), (3, 0, 3, 0), (2, 0, 3, 1)):
        start = _before(today, year, month, day)
        proof.that(f"{start} is {months} months before {today}", assessment.months_between(start, today) == months)
    proof.that("the three segments are all there are", assessment.SEGMENTS == ("novice", "intermediate", "advanced"))
    proof.that("each has a way of its own", set(assessment.PATHS.values()) == {"automated", "guided", "assisted"})


def _before(today: date, years: int, months: int, days: int) -> date:
    index = today.year * 12 + today.month - 1 - 12 * years - months
    return date(index // 12, index % 12 + 1, today.day + days)
