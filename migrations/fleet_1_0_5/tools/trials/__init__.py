"""Trials: each starts services of its own and says sentence by sentence what holds; one sentence that does not ends it with 1."""
