"""What a person signed, read from a file; it refuses anything that is not a full signature and never makes one up."""

import datetime as dt
from pathlib import Path

from godwit.plan.errors import nothing_faults
from godwit.plan.loader import validated
from godwit.plan.sections.words import Id, Section, Text
from godwit.plan.source import read_source


class Signed(Section):
    """A signature: which attestation, who in which role, when, on what evidence; `sample` marks a mere example."""

    id: Id
    statement: Text
    by: Text
    role: Text
    date: dt.date
    evidence: Text
    score: float | None = None
    sample: bool = False


def read_signed(path: Path) -> Signed:
    """Reads a signature.

    Raises FileNotFoundError if nobody signed, and PlanError with every fault if the file is no signature.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    source, faults = read_source(path)
    faults += nothing_faults(source, Signed)
    signed, wrong = validated(source, Signed)
    told = {fault.where for fault in faults}
    faults += [fault for fault in wrong if fault.where not in told]
    if faults or signed is None:
        raise source.refusal(faults)
    return signed
