"""The command line: verify, plan, verdict, doctor, migrations, defects, clean; it prints, and leaves the work to others."""

from godwit.cli.main import main

__all__ = ["main"]
