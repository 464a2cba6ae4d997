"""What leaves a run for people and pipelines; every output is drawn from the verdict, and none decides anything."""

from godwit.reporting.exhibits import exhibits_of
from godwit.reporting.files import VERDICT, make_folder, read_verdict, refuse_used, schema, write_page, write_verdict
from godwit.reporting.identity import identity
from godwit.reporting.markdown import markdown
from godwit.reporting.progress import Progress
from godwit.reporting.properties import planned_labels, properties
from godwit.reporting.references import Reference, keep, read_reference, reference_of, references
from godwit.reporting.terminal import failure_text, finding_lines, summary_lines

__all__ = [
    "VERDICT",
    "Progress",
    "Reference",
    "exhibits_of",
    "failure_text",
    "finding_lines",
    "identity",
    "keep",
    "make_folder",
    "markdown",
    "planned_labels",
    "properties",
    "read_reference",
    "read_verdict",
    "reference_of",
    "references",
    "refuse_used",
    "schema",
    "summary_lines",
    "write_page",
    "write_verdict",
]
