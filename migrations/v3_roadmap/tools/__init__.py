"""The tools of v3-roadmap: scripts, portability, stack, alerts, deployment, stores and trials, each a command."""
