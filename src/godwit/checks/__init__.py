"""Pure judgements, from what was observed to findings; no I/O, no clock, and chance only from a seed."""

from godwit.checks.answers import compare_answers
from godwit.checks.backups import BackupDamage, DamageTry, damages, judge_noticed, judge_verified
from godwit.checks.bucketing import judge_cohort, judge_monotone, judge_share, judge_sticky
from godwit.checks.budgets import judge_criterion, metric_of, settle
from godwit.checks.calibration import Calibration, Repetition, calibrate, is_explained
from godwit.checks.canary import Rules, Ruling, decide_look, rule
from godwit.checks.canary_power import Explained, explain, in_json, told
from godwit.checks.canary_values import Pairs
from godwit.checks.canary_wealth import Events
from godwit.checks.cells import Sameness
from godwit.checks.commands import compare_commands
from godwit.checks.comparing import BadKey, Compared, Pairing, compare
from godwit.checks.comparisons import judge_comparison
from godwit.checks.config_keys import Config, judge_config
from godwit.checks.contract_changes import Contracts
from godwit.checks.contract_kinds import KINDS, Change, Level
from godwit.checks.contracts import causes_of, compare_contracts, joined, judge_contracts, read_contracts
from godwit.checks.conversions import Conversion, Refusal, judge_conversion, judge_refusals
from godwit.checks.covering_proof import CoverageProof, judge_matrix, prove
from godwit.checks.crashes import (
    CrashSweep,
    Struck,
    Way,
    choose_points,
    differences,
    judge_made_good,
    judge_never_half,
)
from godwit.checks.definitions import declared_definitions, judge_definitions, judge_numbering
from godwit.checks.documents import StateDocument, judge_document
from godwit.checks.estimates import Estimate, estimate
from godwit.checks.event_streams import compare_streams
from godwit.checks.flag_cases import FlagCase, User, cases, expected_side, judge_case
from godwit.checks.flag_changes import judge_connections, judge_same_processes, judge_toggles
from godwit.checks.flag_matrix import (
    WHEN,
    Blamed,
    Failure,
    MatrixCase,
    Seen,
    Symptom,
    blame,
    default_of,
    failures_of,
    judge_matrix_case,
    judge_read_back,
    judge_shown,
    matrix_cases,
    outcomes_of,
    symptoms_of,
)
from godwit.checks.flag_sources import (
    FlagSource,
    Given,
    Glimpse,
    SourcePair,
    Trouble,
    assigned,
    controls_of,
    differing,
    effective,
    flag_sources,
    is_same,
    judge_glimpses,
    malformed_values,
    other_value,
    required_on,
    source_pairs,
    troubles,
    value_pairs,
    ways_of,
)
from godwit.checks.floors import judge_floor
from godwit.checks.flowing import Flow
from godwit.checks.generator import labelled, unfit
from godwit.checks.histories import judge_history
from godwit.checks.invariants import (
    judge_invariant,
    judge_order,
    judge_owners,
    judge_references,
    judge_tallies,
    judge_unique,
)
from godwit.checks.kept import judge_kept
from godwit.checks.keyvalue import judge_keys, new_name
from godwit.checks.knee import Knee, find_knee
from godwit.checks.leaks import grows, judge_footprint, judge_growth
from godwit.checks.ledgers import Sent, judge_ledger, judge_listed
from godwit.checks.linearizable import Operation
from godwit.checks.mappings import Unmapped, apply_mapping, fulfils
from godwit.checks.measured import Missing
from godwit.checks.metrics import METRICS, Metric
from godwit.checks.narrowing import Assignment, Narrowing, narrow
from godwit.checks.noise import compare_noisy
from godwit.checks.pacts import judge_pact, pact_fault, pact_writes
from godwit.checks.path_patterns import means
from godwit.checks.placements import Levels, judge_override, judge_same_place
from godwit.checks.python_api import judge_api, judge_deprecation, judge_name
from godwit.checks.python_calls import compare_calls
from godwit.checks.query_plans import judge_query_plan
from godwit.checks.races import Round, judge_race
from godwit.checks.references import Figure, compare_figures, trend
from godwit.checks.replays import judge_replay
from godwit.checks.rows import (
    compare_mapping,
    compare_rows,
    judge_mapped_columns,
    judge_mapping,
    judge_same,
)
from godwit.checks.scaling import Costs, judge_scaling
from godwit.checks.secrets import judge_opened, judge_plain, judge_private, judge_shut
from godwit.checks.settling import Settling, judge_stayed
from godwit.checks.small_states import halves, judge_fit, judge_same_result, judge_small_mappings, judge_way_back
from godwit.checks.spreads import judge_independent, judge_spread
from godwit.checks.stimuli import Stimulus, stimuli_for
from godwit.checks.stopping import Recent, Use, percentiles_ms, untold, uses, whole, why_stop
from godwit.checks.subset import holds
from godwit.checks.sweeps import Moved, Sweep, grid, judge_edges, judge_rising, judge_steps
from godwit.checks.times import judge_unavailability, judge_within
from godwit.checks.trees import SeenTrees, judge_tree, unlike
from godwit.checks.trial_readings import Felt, Tried, read_trial, undecided
from godwit.checks.trials import trial_of
from godwit.checks.triggers import Firing, Reading, TriggerReading, fires, judge_provoked, judge_quiet, trigger_reading
from godwit.checks.walks import Page, Trip, judge_walk

__all__ = [
    "KINDS",
    "METRICS",
    "WHEN",
    "Assignment",
    "BackupDamage",
    "BadKey",
    "Blamed",
    "Calibration",
    "Change",
    "Compared",
    "Config",
    "Contracts",
    "Conversion",
    "Costs",
    "CoverageProof",
    "CrashSweep",
    "DamageTry",
    "Estimate",
    "Events",
    "Explained",
    "Failure",
    "Felt",
    "Figure",
    "Firing",
    "FlagCase",
    "FlagSource",
    "Flow",
    "Given",
    "Glimpse",
    "Knee",
    "Level",
    "Levels",
    "MatrixCase",
    "Metric",
    "Missing",
    "Moved",
    "Narrowing",
    "Operation",
    "Page",
    "Pairing",
    "Pairs",
    "Reading",
    "Recent",
    "Refusal",
    "Repetition",
    "Round",
    "Rules",
    "Ruling",
    "Sameness",
    "Seen",
    "SeenTrees",
    "Sent",
    "Settling",
    "SourcePair",
    "StateDocument",
    "Stimulus",
    "Struck",
    "Sweep",
    "Symptom",
    "Tried",
    "TriggerReading",
    "Trip",
    "Trouble",
    "Unmapped",
    "Use",
    "User",
    "Way",
    "apply_mapping",
    "assigned",
    "blame",
    "calibrate",
    "cases",
    "causes_of",
    "choose_points",
    "compare",
    "compare_answers",
    "compare_calls",
    "compare_commands",
    "compare_contracts",
    "compare_figures",
    "compare_mapping",
    "compare_noisy",
    "compare_rows",
    "compare_streams",
    "controls_of",
    "damages",
    "decide_look",
    "declared_definitions",
    "default_of",
    "differences",
    "differing",
    "effective",
    "estimate",
    "expected_side",
    "explain",
    "failures_of",
    "find_knee",
    "fires",
    "flag_sources",
    "fulfils",
    "grid",
    "grows",
    "halves",
    "holds",
    "in_json",
    "is_explained",
    "is_same",
    "joined",
    "judge_api",
    "judge_case",
    "judge_cohort",
    "judge_comparison",
    "judge_config",
    "judge_connections",
    "judge_contracts",
    "judge_conversion",
    "judge_criterion",
    "judge_definitions",
    "judge_deprecation",
    "judge_document",
    "judge_edges",
    "judge_fit",
    "judge_floor",
    "judge_footprint",
    "judge_glimpses",
    "judge_growth",
    "judge_history",
    "judge_independent",
    "judge_invariant",
    "judge_kept",
    "judge_keys",
    "judge_ledger",
    "judge_listed",
    "judge_made_good",
    "judge_mapped_columns",
    "judge_mapping",
    "judge_matrix",
    "judge_matrix_case",
    "judge_monotone",
    "judge_name",
    "judge_never_half",
    "judge_noticed",
    "judge_numbering",
    "judge_opened",
    "judge_order",
    "judge_override",
    "judge_owners",
    "judge_pact",
    "judge_plain",
    "judge_private",
    "judge_provoked",
    "judge_query_plan",
    "judge_quiet",
    "judge_race",
    "judge_read_back",
    "judge_references",
    "judge_refusals",
    "judge_replay",
    "judge_rising",
    "judge_same",
    "judge_same_place",
    "judge_same_processes",
    "judge_same_result",
    "judge_scaling",
    "judge_share",
    "judge_shown",
    "judge_shut",
    "judge_small_mappings",
    "judge_spread",
    "judge_stayed",
    "judge_steps",
    "judge_sticky",
    "judge_tallies",
    "judge_toggles",
    "judge_tree",
    "judge_unavailability",
    "judge_unique",
    "judge_verified",
    "judge_walk",
    "judge_way_back",
    "judge_within",
    "labelled",
    "malformed_values",
    "matrix_cases",
    "means",
    "metric_of",
    "narrow",
    "new_name",
    "other_value",
    "outcomes_of",
    "pact_fault",
    "pact_writes",
    "percentiles_ms",
    "prove",
    "read_contracts",
    "read_trial",
    "required_on",
    "rule",
    "settle",
    "source_pairs",
    "stimuli_for",
    "symptoms_of",
    "told",
    "trend",
    "trial_of",
    "trigger_reading",
    "troubles",
    "undecided",
    "unfit",
    "unlike",
    "untold",
    "uses",
    "value_pairs",
    "ways_of",
    "whole",
    "why_stop",
]
