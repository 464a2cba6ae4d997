"""The small words every section is made of: identifiers, durations, shares, commands; they refuse everything else."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationInfo, WithJsonSchema


class Section(BaseModel):
    """A frozen part of a plan; unknown words are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=False)


_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)%")


WRITTEN: dict[str, bool] = {"written": True}
"""Validation context of a plan that was written by hand: there a bare number is neither a duration nor a share."""


def _is_parsed(value: Any, info: ValidationInfo) -> bool:
    """Whether the value comes from a parsed plan, whose durations and shares are numbers already."""
    return isinstance(value, float) and info.context != WRITTEN


def _duration(value: Any, info: ValidationInfo) -> Any:
    if _is_parsed(value, info):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not a duration; write a number and ms, s, m, h, d or w, such as 90s")
    return float(match[1]) * _UNITS_S[match[2]]


def _share(value: Any, info: ValidationInfo) -> Any:
    if _is_parsed(value, info):
        return value
    match = _SHARE.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 0 <= float(match[1]) <= 100:
        raise ValueError(f"{value!r} is not a share; write 5% (0% to 100%)")
    return float(match[1])


_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-:\[\]]+(?:[/?#][A-Za-z0-9\-._~:/?#\[\]!$&'()*+,;=%@]*)?", re.ASCII)


def is_link(text: str) -> bool:
    """Whether a text is an address that a report may link: http or https, no user in it, only the signs of RFC 3986."""
    return len(text) <= 2000 and _ADDRESS.fullmatch(text) is not None


def _link(value: Any) -> Any:
    if not isinstance(value, str) or not is_link(value):
        raise ValueError(f"{value!r} is no link; write an address such as https://tracker.example/browse/MIG-12")
    return value


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)]
"""A stable identifier: lower case, digits, `.`, `_` and `-`."""

Text = Annotated[str, StringConstraints(min_length=1)]
"""Prose for people; never empty."""

Duration = Annotated[
    float,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?(ms|s|m|h|d|w)$"}),
]
"""A duration, written `90s`, held in seconds."""

Share = Annotated[float, BeforeValidator(_share), WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?%$"})]
"""A share of the whole, written `5%`, held in percent (0 to 100)."""

Command = Annotated[tuple[Text, ...], Field(min_length=1)]
"""A command as a list of words; `{name}` places are filled when it runs (see docs/reference/plan.md)."""

Path = Annotated[str, StringConstraints(pattern=r"^/")]
"""The path part of a URL."""

Pointer = Annotated[str, StringConstraints(pattern=r"^(/.*)?$")]
"""A JSON Pointer (RFC 6901); `*` stands for any one step."""

WebAddress = Annotated[
    str, BeforeValidator(_link), WithJsonSchema({"type": "string", "pattern": f"^{_ADDRESS.pattern}$"})
]
"""An address on the web, http or https; other signs than those of RFC 3986 are written as %XX."""

FlagName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")]
"""A flag's name."""

FlagValue = bool | int | str | tuple[str, ...]
"""What a flag may be set to."""
