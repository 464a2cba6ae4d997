"""The application with the universal orchestrator."""
