"""Has one mapping held against a pair of stores, every bad key written into the evidence; `checks` judges."""

import csv
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import astuple, fields, replace
from pathlib import Path
from typing import Any

from godwit.checks import BadKey, compare_mapping
from godwit.plan import Mapping as RowMapping
from godwit.state import Store, load_functions
from godwit.verdict import Judgement


def judge_mapped(
    mapping: RowMapping, lookups: Mapping[str, Mapping[str, str]], source: str, target: str, beside: Path, out: Path
) -> Judgement:
    """Whether the target holds exactly what a mapping makes of the source (URLs of stores).

    `beside` is the folder in which the mapping's Python functions are looked for. If a key is bad, `out` gets the file
    `<mapping>.csv` with every one of them, and the judgement names it.
    """
    functions = load_functions({it.python for it in mapping.columns if it.python}, beside)
    computed = {it.computed: it.sql for it in mapping.columns if it.sql is not None}
    with closing(Store(source)) as ours, closing(Store(target)) as theirs:
        rows = ours.rows(mapping.source, computed), theirs.rows(mapping.target)
    compared = compare_mapping(mapping, lookups, *rows, functions)
    if not compared.bad:
        return compared.judgement
    file = write_bad_keys(out / f"{mapping.id}.csv", compared.bad)
    told = f"{compared.judgement.reason}; every bad key is in {file.parent.name}/{file.name}"
    return replace(compared.judgement, reason=told)


def write_bad_keys(file: Path, bad: Sequence[BadKey]) -> Path:
    """Write bad keys as CSV (UTF-8, a header, one line for each), grouped by cause, the smallest first in each group."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", errors="backslashreplace", newline="") as text:
        lines: Any = csv.writer(text)
        lines.writerow([field.name for field in fields(BadKey)])
        lines.writerows(astuple(key) for key in bad)
    return file
