"""`python -m agent_workflow` is `agent-orch`."""

from .cli import main

if __name__ == "__main__":
    main()
