"""python -m universal_orchestrator.tools."""

from universal_orchestrator.tools.cli import main

main()
