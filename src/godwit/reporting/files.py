"""Writes the verdict to disk: JSON first, everything else from it; each file appears whole or not at all."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DataclassField, FloatSchema, ModelField, TypedDictField

from godwit.reporting.evidence import seal, whole
from godwit.reporting.junit import junit
from godwit.reporting.markdown import markdown
from godwit.reporting.measurements import measurements
from godwit.reporting.openmetrics import openmetrics
from godwit.reporting.page import PAGE, page
from godwit.session import Event
from godwit.verdict import HarnessError, Verdict

SCHEMA_VERSION = 1
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
VERDICT = "verdict.json"
_RUNS_BESIDE = 9  # this one and eight before it
_OF_A_RUN = (VERDICT, "events.ndjson")
_ADAPTER = TypeAdapter(Verdict)
OUTPUTS: dict[str, Callable[[Verdict], bytes]] = {
    "verdict.md": lambda verdict: markdown(verdict).encode(),
    "verdict.junit.xml": junit,
    "metrics.prom": openmetrics,
    "measurements.csv": measurements,
}
"""What is made of every verdict, by file."""


class _Schema(GenerateJsonSchema):
    """A schema that knows that every field is written, and how a number beyond all numbers is."""

    def field_is_required(self, field: ModelField | DataclassField | TypedDictField, total: bool) -> bool:
        """Defaults are written too."""
        return True

    def float_schema(self, schema: FloatSchema) -> JsonSchemaValue:
        """A number; where values may be infinite, also the words that stand for that."""
        plain = super().float_schema(schema)
        beyond = {"enum": ["Infinity", "-Infinity", "NaN"]}
        return {"anyOf": [plain, beyond]} if self._config.ser_json_inf_nan == "strings" else plain


def is_run(folder: Path) -> bool:
    """Whether a run lies in a folder, with a verdict or without."""
    return any((folder / name).exists() for name in _OF_A_RUN)


def refuse_used(out: Path) -> None:
    """HarnessError for a folder in which a run lies: two runs in one folder are evidence of neither."""
    if is_run(out):
        raise HarnessError(f"the folder {out} holds the evidence of another run; name another with --out, or remove it")


def make_folder(out: Path) -> None:
    """Make the folder of a run; HarnessError if it cannot be made or a run lies in it."""
    refuse_used(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HarnessError(f"the folder {out} cannot be made: {error.strerror}; name another with --out") from None


def write_verdict(verdict: Verdict, out: Path) -> Path:
    """Write verdict.json into a run's folder, everything else from it, and the index of it all; gives the path of the first."""
    whole(out / VERDICT, verdict_json(verdict))
    for name, made in OUTPUTS.items():
        whole(out / name, made(verdict))
    write_page(verdict, out)
    seal(out)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        _append(Path(summary), markdown(verdict))
    return out / VERDICT


def write_page(verdict: Verdict, out: Path) -> Path:
    """Write the page of a verdict into its run's folder, with how the last runs beside it ended; gives its path."""
    from godwit.reporting.history import recent_outcomes

    past = recent_outcomes(verdict, _runs_beside(out))
    whole(out / PAGE, page(verdict, out, {name: told for name, told in past.items() if len(told) > 1}).encode())
    return out / PAGE


def _runs_beside(out: Path) -> list[Verdict]:
    """The verdicts that were written last beside a run, as far as they can be read."""
    found = []
    with suppress(OSError):
        kept = sorted(out.resolve().parent.glob(f"*/{VERDICT}"), key=lambda path: path.stat().st_mtime)
        for path in kept[-_RUNS_BESIDE:]:
            with suppress(HarnessError):
                found.append(read_verdict(path.parent))
    return found


def _append(summary: Path, text: str) -> None:
    """Append to a job summary; one that cannot be written changes no verdict."""
    try:
        with summary.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        sys.stderr.write(f"godwit: the job summary {summary} could not be written: {error.strerror}\n")


def verdict_json(verdict: Verdict) -> bytes:
    """What stands in verdict.json."""
    body = _ADAPTER.dump_json(verdict, indent=1)
    return b'{\n "schema_version": %d,\n' % SCHEMA_VERSION + body.lstrip(b"{\n") + b"\n"


def read_verdict(run: Path) -> Verdict:
    """Read the verdict of a run's folder; HarnessError when it is missing, damaged or of another schema."""
    path = run / VERDICT
    if not path.is_file():
        raise HarnessError(f"{path} is not there: the run left no verdict, which is INCONCLUSIVE and never GO")
    try:
        return _ADAPTER.validate_json(_unversioned(path.read_bytes()))
    except ValueError as error:
        raise HarnessError(f"{path} is no verdict of schema version {SCHEMA_VERSION}: {error}") from None


def _unversioned(data: bytes) -> bytes:
    head = b'{\n "schema_version": %d,\n' % SCHEMA_VERSION
    if not data.startswith(head):
        raise ValueError("it does not say so")
    return b"{" + data.removeprefix(head)


def event_schema() -> dict[str, object]:
    """The JSON Schema of one line of events.ndjson."""
    found = TypeAdapter(Event).json_schema(mode="serialization", schema_generator=_Schema)
    return {"$schema": _DRAFT, **found, "additionalProperties": False}


def schema() -> dict[str, object]:
    """The JSON Schema of verdict.json."""
    found = _ADAPTER.json_schema(mode="serialization", schema_generator=_Schema)
    found["properties"]["schema_version"] = {"const": SCHEMA_VERSION}
    found["required"] = ["schema_version", *found["required"]]
    return {"$schema": _DRAFT, **found}


SCHEMAS: dict[str, Callable[[], dict[str, object]]] = {
    "verdict.schema.json": schema,
    "event.schema.json": event_schema,
}
"""The JSON Schemas of what a run leaves, by the file that ships them."""
