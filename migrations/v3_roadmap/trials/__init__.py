"""Trials: each starts what it needs in a folder of its own and says how much of what is promised holds."""
