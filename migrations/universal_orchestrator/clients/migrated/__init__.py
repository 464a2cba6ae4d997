"""Programs that were moved to the universal orchestrator; they end with exit code 1 where it breaks its word."""
