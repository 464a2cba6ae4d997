"""Reads a stack's metrics in Prometheus' text format as plain numbers; refuses an answer that is none."""

import math
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from godwit.surfaces.http import send
from godwit.verdict import StackError


def scrape(url: str, *, timeout_s: float = 10.0) -> dict[str, float]:
    """Every sample by its key: `name`, or `name{label="value",...}` with labels in order; StackError without one."""
    answer = send("GET", url, timeout_s=timeout_s)
    if answer.status != 200:
        raise StackError(f"GET {url} answered {answer.status or answer.error}, not 200 with metrics")
    try:
        families = list(text_string_to_metric_families(answer.body.decode()))
    except (ValueError, KeyError, IndexError) as error:
        raise StackError(f"GET {url} answered no metrics in Prometheus' text format: {error}") from None
    return {_key(sample.name, sample.labels): float(sample.value) for family in families for sample in family.samples}


def growth(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """By how much each sample of `after` grew; one that was not there before grew from 0, NaN is left out.

    A counter that shrank (its process restarted) gives a negative number, which nobody can take for work that was done.

    >>> growth({"a": 1.0}, {"a": 4.0, "b": 2.0})
    {'a': 3.0, 'b': 2.0}
    """
    grown = {key: value - before.get(key, 0.0) for key, value in after.items()}
    return {key: value for key, value in grown.items() if not math.isnan(value)}


def _key(name: str, labels: Mapping[str, str]) -> str:
    if not labels:
        return name
    return name + "{" + ",".join(f'{label}="{value}"' for label, value in sorted(labels.items())) + "}"
