"""Reads a plan into frozen values, or refuses it with every fault at once; it starts nothing, fills nothing unasked."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from godwit.plan.environment import fill
from godwit.plan.errors import faults_of, nothing_faults, shown
from godwit.plan.flag_faults import flag_faults
from godwit.plan.model import Plan
from godwit.plan.references import Catalogue, reference_faults
from godwit.plan.sections.words import WRITTEN
from godwit.plan.source import Fault, Source, read_source

_NO_ENVIRONMENT: Mapping[str, str] = {}
Part = TypeVar("Part", bound=BaseModel)
_UNCHECKED = Catalogue()


def load_plan(path: Path, environ: Mapping[str, str] = _NO_ENVIRONMENT, catalogue: Catalogue | None = None) -> Plan:
    """Reads the plan in a file.

    `environ` fills `${NAME}` in addresses and environments where it knows the name; other names keep their text until
    `resolve` is asked for a profile. With a `catalogue`, suites, promises and metrics are checked too.

    Raises PlanError, whose text has one entry for each fault: `file:line:col: path: message`, the line, and a caret.
    """
    source, form = read_source(path)
    wrong_version = _version_fault(source)
    if wrong_version:
        raise source.refusal([wrong_version])
    form += nothing_faults(source, Plan)
    plan, faults = validated(source, Plan)
    faults += reference_faults(source, catalogue or _UNCHECKED) + flag_faults(source)
    told = {fault.where for fault in form}  # what is wrong in its form is not told again as a wrong type
    faults = form + [fault for fault in faults if fault.where not in told]
    if faults or plan is None:
        raise source.refusal(faults)
    plan = plan.read_from(path, source.values)
    return fill(plan, environ) if environ else plan


def _version_fault(source: Source) -> Fault | None:
    """A plan of another version is not read further: everything else in it may mean something else."""
    where = ("plan_version",)
    if "plan_version" not in source.data:
        return Fault(source.mark(()), (), "'plan_version' is missing; write 'plan_version: 1' as the first line")
    version = source.data["plan_version"]
    if version == 1 and isinstance(version, int) and not isinstance(version, bool):
        return None
    return Fault(source.mark(where), where, f"this godwit reads plan_version 1, not {shown(version)}")


def validated(source: Source, model: type[Part]) -> tuple[Part | None, list[Fault]]:
    """A source as a value of a model, or None and the reasons why not."""
    try:
        return model.model_validate_json(json.dumps(source.data), strict=True, context=WRITTEN), []
    except ValidationError as trouble:
        return None, faults_of(trouble, source, model)
