"""The orchestration migration: ten agents that call each other become five teams behind a state manager and an event bus."""
