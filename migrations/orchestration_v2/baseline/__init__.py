"""The orchestration service that answers today: agents hand work to each other directly."""
