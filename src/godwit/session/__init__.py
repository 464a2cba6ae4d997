"""Walks the plan: enters a phase, gathers, has judged, leaves; the only room that wires all others."""

from godwit.session.asks import asked_of, gate_asks
from godwit.session.events import Event, EventLog, read_events
from godwit.session.expansion import ELEMENTS, Check, Expansion, StepCriterion, expand
from godwit.session.hiding import hide_in_bytes, hide_in_log_records, spellings, storable
from godwit.session.merging import merged, refuse_strangers
from godwit.session.returning import way_back
from godwit.session.rows import row_asks, rows_of
from godwit.session.session import Session
from godwit.session.unasked import unasked
from godwit.session.world import Setting

__all__ = [
    "ELEMENTS",
    "Check",
    "Event",
    "EventLog",
    "Expansion",
    "Session",
    "Setting",
    "StepCriterion",
    "asked_of",
    "expand",
    "gate_asks",
    "hide_in_bytes",
    "hide_in_log_records",
    "merged",
    "read_events",
    "refuse_strangers",
    "row_asks",
    "rows_of",
    "spellings",
    "storable",
    "unasked",
    "way_back",
]
