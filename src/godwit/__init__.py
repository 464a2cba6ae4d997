"""godwit verifies migrations: a baseline and a candidate, phase by phase, to a verdict with its evidence."""

from godwit.verdict import Judgement, assert_holds

__version__ = "0.1.0"

__all__ = ["Judgement", "__version__", "assert_holds"]
