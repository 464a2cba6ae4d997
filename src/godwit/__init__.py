"""godwit verifies migrations: a baseline and a candidate, phase by phase, to a verdict with its evidence."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from godwit.verdict import Judgement, assert_holds

__version__ = "0.1.0"

__all__ = ["Judgement", "__version__", "assert_holds"]


def __getattr__(name: str) -> Any:
    """Load the public names on first use: every run of pytest imports this package, and most have no plan."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from godwit import verdict

    return getattr(verdict, name)
