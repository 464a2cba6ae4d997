"""The command line: verify, plan, verdict, explain, history, merge and more; it prints, and leaves the work to others."""

from godwit.cli.main import main

__all__ = ["main"]
