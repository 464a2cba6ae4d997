"""Pure judgements, from what was observed to findings; no I/O, no clock, and chance only from a seed."""

from godwit.checks.answers import compare_answers
from godwit.checks.bucketing import judge_cohort, judge_monotone, judge_nobody_else, judge_share, judge_sticky
from godwit.checks.contracts import compare_contracts
from godwit.checks.flag_cases import FlagCase, User, cases, expected_side, judge_case
from godwit.checks.floors import judge_floor
from godwit.checks.mappings import Unmapped, apply_mapping
from godwit.checks.rows import compare_rows, judge_columns, judge_mapping, judge_mappings, judge_same
from godwit.checks.subset import holds

__all__ = [
    "FlagCase",
    "Unmapped",
    "User",
    "apply_mapping",
    "cases",
    "compare_answers",
    "compare_contracts",
    "compare_rows",
    "expected_side",
    "holds",
    "judge_case",
    "judge_cohort",
    "judge_columns",
    "judge_floor",
    "judge_mapping",
    "judge_mappings",
    "judge_monotone",
    "judge_nobody_else",
    "judge_same",
    "judge_share",
    "judge_sticky",
]
