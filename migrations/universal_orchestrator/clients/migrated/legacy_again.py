"""Gradual rollback: with ORCHESTRATOR_FALLBACK=legacy the old name is the legacy class itself; without it, it is not."""

import os

from app.core import legacy_orchestrator
from app.core.orchestrator import AgentOrchestrator, get_orchestrator

from universal_orchestrator.clients.migrated.proof import Proof

proof = Proof()
is_legacy = type(get_orchestrator()).__module__ == legacy_orchestrator.__name__
wanted = os.environ.get("ORCHESTRATOR_FALLBACK") == "legacy"
proof.that(f"fallback {wanted}: the old name is the {'legacy' if wanted else 'universal'} one", is_legacy == wanted)
desk = AgentOrchestrator()
proof.that("and it serves", desk.register_agent("a", "worker", ["x"]) and desk.delegate_task("t", "x", ["x"]) == "a")
proof.end()
