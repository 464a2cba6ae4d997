"""Which known accidents may have turned one number into another: a double, a cut, a factor; it knows no rows."""

import math
import struct
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

_MOST_DECIMALS = 6
_BITS = (32, 16)


def number_accidents(one: Any, other: Any) -> Iterator[str]:
    """Every known accident that may have made the number `other` of the number `one`, the most specific first."""
    if not (_is_number(one) and _is_number(other)):
        return
    if isinstance(one, int) and _through_a_double(one) == other:
        yield "rounded to a double"
    if one == other:
        yield f"{type(one).__name__} became {type(other).__name__}"
        return
    if not (_is_finite(one) and _is_finite(other)):
        return
    yield from _narrowed(one, other)
    yield from _fewer_decimals(one, other)
    if {one, other} == {0, 1}:
        yield "yes became no (1 to 0)" if other == 0 else "no became yes (0 to 1)"
        yield "inverted"
    if type(one) is type(other):
        yield f"shifted by {other - one:+}"
    if one == -other:
        if other > 0:
            yield "sign was lost"
        yield "sign changed"
    yield from _scaled(one, other)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_finite(value: Any) -> bool:
    return isinstance(value, int) or math.isfinite(value)


def _through_a_double(number: int) -> int | None:
    """What is left of a large integer that some language held as a double."""
    return int(float(number)) if 2**53 < abs(number) < 2**1000 else None


def _narrowed(one: Any, other: Any) -> Iterator[str]:
    """What is left of a number in a type that is too small for it."""
    if isinstance(one, int) and isinstance(other, int):
        for bits in _BITS:
            half = 1 << (bits - 1)
            if (one + half) % (1 << bits) - half == other:
                yield f"overflowed {bits} bits"
            if other == (half - 1 if one > 0 else -half) and abs(one) >= half:
                yield f"capped at {bits} bits"
    elif isinstance(other, float) and abs(one) < 2**120 and _single(one) == other:
        yield "rounded to a 32-bit float"


def _single(number: Any) -> float:
    return float(struct.unpack("f", struct.pack("f", float(number)))[0])


def _fewer_decimals(one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, int):
        return
    exact, left = (Decimal(str(value)) if isinstance(value, float) else Decimal(value) for value in (one, other))
    if abs(exact) >= Decimal(10) ** 20:
        return
    for places in range(_MOST_DECIMALS + 1):
        unit = Decimal(1).scaleb(-places)
        if exact.quantize(unit, ROUND_DOWN) == left:
            yield f"cut to {places} decimal(s)"
        if left in (exact.quantize(unit, ROUND_HALF_EVEN), exact.quantize(unit, ROUND_HALF_UP)):
            yield f"rounded to {places} decimal(s)"
    if isinstance(one, float) and isinstance(other, float) and math.isclose(one, other, rel_tol=1e-9):
        yield "changed in the last digits"


def _scaled(one: Any, other: Any) -> Iterator[str]:
    if one == 0 or other == 0:
        return
    ratio = Fraction(str(other)) / Fraction(str(one))
    if ratio.denominator == 1 and ratio > 1:
        yield f"multiplied by {ratio.numerator}"
    elif ratio.numerator == 1:
        yield f"divided by {ratio.denominator}"
    elif ratio > 0 and ratio.denominator <= 1000:
        yield f"multiplied by {ratio}"
