"""Trouble outside any promise: each class says whose it is, and its text is written for a person."""


class GodwitError(Exception):
    """Something a person can act on; shown without a traceback."""


class PlanError(GodwitError):
    """The plan is wrong; one line for each place."""


class StackError(GodwitError):
    """A stack did not come up or did not obey: what was tried, what it answered, its last log lines."""


class HarnessError(GodwitError):
    """godwit itself could not do its work."""
