"""What leaves a run for people and pipelines; every output is drawn from the verdict, and none decides anything."""

from godwit.reporting.comparison import compared, comparison_lines
from godwit.reporting.evidence import seal_again
from godwit.reporting.exhibits import exhibits_of
from godwit.reporting.explanation import explanation
from godwit.reporting.files import (
    OUTPUTS,
    SCHEMAS,
    VERDICT,
    is_run,
    make_folder,
    read_verdict,
    refuse_used,
    schema,
    verdict_json,
    write_page,
    write_verdict,
)
from godwit.reporting.history import KeptRun, history_lines, kept_runs, recent_outcomes, regressions
from godwit.reporting.identity import identity
from godwit.reporting.junit import junit
from godwit.reporting.markdown import MOST, markdown
from godwit.reporting.measurements import measurements
from godwit.reporting.openmetrics import openmetrics
from godwit.reporting.progress import Progress
from godwit.reporting.properties import planned_labels, properties
from godwit.reporting.references import Reference, keep, read_reference, reference_of, references
from godwit.reporting.terminal import failure_text, finding_lines, summary_lines

__all__ = [
    "MOST",
    "OUTPUTS",
    "SCHEMAS",
    "VERDICT",
    "KeptRun",
    "Progress",
    "Reference",
    "compared",
    "comparison_lines",
    "exhibits_of",
    "explanation",
    "failure_text",
    "finding_lines",
    "history_lines",
    "identity",
    "is_run",
    "junit",
    "keep",
    "kept_runs",
    "make_folder",
    "markdown",
    "measurements",
    "openmetrics",
    "planned_labels",
    "properties",
    "read_reference",
    "read_verdict",
    "recent_outcomes",
    "reference_of",
    "references",
    "refuse_used",
    "regressions",
    "schema",
    "seal_again",
    "summary_lines",
    "verdict_json",
    "write_page",
    "write_verdict",
]
