"""The orchestration service that is to replace it: teams handle commands from a bus, one state manager writes."""
