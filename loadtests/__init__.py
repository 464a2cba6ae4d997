"""Locust files, load shapes and profiles, run in a process of their own; nothing here imports godwit."""
