"""`surfaces`: what users touch, by kind; which differences are noise, and which are intended."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.commands import CliSurface, ConfigSurface
from godwit.plan.sections.events import EventSurface
from godwit.plan.sections.http import HttpSurface
from godwit.plan.sections.python import PythonSurface
from godwit.plan.sections.words import Id, Pointer, Section, Text


class Normaliser(Section):
    """A typed rule for a place where two right answers differ.

    `id`: made by each side, compared by shape and correlated; `timestamp`: compared by type and format;
    `order`: a list without meaning in its order; `number`: equal within `tolerance`.
    """

    kind: Literal["id", "timestamp", "order", "number"]
    at: Pointer
    tolerance: float | None = None

    @property
    def name(self) -> str:
        """How the rule is told of: its kind and its place."""
        return f"{self.kind} {self.at or '(whole body)'}"

    @model_validator(mode="after")
    def _number_has_tolerance(self) -> "Normaliser":
        if (self.kind == "number") != (self.tolerance is not None):
            raise ValueError("tolerance belongs to kind number, and only to it")
        return self


class Allowance(Section):
    """A difference that is intended, with its reason."""

    probe: Id
    at: Pointer
    reason: Text


class Calibration(Section):
    """How noise is told from differences: each side is asked `repeats` times, and the baseline compared with itself.

    What varies within the baseline is compared by its distribution, with the error `chance` for a whole probe.
    """

    repeats: Annotated[int, Field(ge=1, le=100)] = 3
    chance: Annotated[float, Field(gt=0, le=0.05)] = 0.001


class Surfaces(Section):
    """Everything a user of the baseline may rely on."""

    http: HttpSurface = HttpSurface()
    python: PythonSurface = PythonSurface()
    cli: CliSurface = CliSurface()
    config: ConfigSurface = ConfigSurface()
    events: EventSurface = EventSurface()
    calibration: Calibration = Calibration()
    normalisers: tuple[Normaliser, ...] = ()
    allowances: tuple[Allowance, ...] = ()
