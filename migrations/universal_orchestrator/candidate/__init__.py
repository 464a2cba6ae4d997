"""The sources root of the universal orchestrator: put it on the path and import `app`."""
