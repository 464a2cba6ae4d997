"""The fleet as it answers today, version 1.0.4: agents, tools and a memory, and one model for everything."""
