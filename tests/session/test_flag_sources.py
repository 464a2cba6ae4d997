"""The sources of flags on a real little stack: what is right passes, and what is wrong is found by the check that is for it."""

import pytest

from godwit.verdict import Outcome

RIGHT = [
    "the-stronger-source-wins/fast.override-over-env",
    "the-stronger-source-wins/fast.env-over-file",
    "the-stronger-source-wins/deep.provider-over-default",
    "the-stronger-source-wins/quiet.http-over-default",
    "an-unknown-flag-is-ignored/env",
    "an-unknown-flag-is-ignored/admin",
    "a-malformed-value-is-harmless/limit.file",
    "a-malformed-value-is-harmless/fast.env",
    "a-malformed-value-is-harmless/quiet.http",
    "a-source-out-of-order-is-survived/file.missing",
    "a-source-out-of-order-is-survived/file.half-written",
    "a-source-out-of-order-is-survived/fetched.refused",
    "a-source-out-of-order-is-survived/fetched.hanging",
]


def test_a_shop_that_keeps_the_order_of_its_sources_passes(shop):
    ask = shop()
    judged = {name: ask(name) for name in RIGHT}
    assert {name: one.findings or one.reason for name, one in judged.items() if one.outcome is not Outcome.PASSED} == {}


@pytest.mark.parametrize(
    ("wrong", "check", "place"),
    [
        ("env-loses", "the-stronger-source-wins/fast.env-over-file", "fast when env says False and file True"),
        ("truthy", "a-malformed-value-is-harmless/fast.file", "fast when fast.file is 'maybe'"),
        ("crashes", "a-malformed-value-is-harmless/fast.env", "fast.env is 'maybe'"),
        ("crashes", "a-malformed-value-is-harmless/fast.file", "fast.file is 'maybe'"),
        ("admin-breaks", "a-malformed-value-is-harmless/quiet.http", "quiet when quiet.http is 'maybe'"),
        ("garbles", "a-source-out-of-order-is-survived/file.half-written", "limit when file is half-written"),
        ("forgets", "a-source-out-of-order-is-survived/fetched.refused", "deep when fetched is refused"),
    ],
    ids=lambda value: value.replace(" ", "-"),
)
def test_what_is_wrong_is_found(shop, wrong, check, place):
    judgement = shop(wrong)(check)
    assert judgement.outcome is Outcome.FAILED, judgement.reason
    assert place in [finding.where for finding in judgement.findings]


@pytest.mark.parametrize(
    ("word", "check", "reason"),
    [
        (", on_malformed: last", "a-malformed-value-is-harmless/quiet.http", "admin: on_malformed"),
        (", on_trouble: last", "a-source-out-of-order-is-survived/fetched.refused", "fetched: on_trouble"),
        (", quiet: /features/quiet", "the-stronger-source-wins/quiet.http-over-default", "nowhere where quiet shows"),
        (", quiet: /features/quiet", "an-unknown-flag-is-ignored/admin", "nowhere where quiet shows"),
    ],
    ids=["malformed", "trouble", "pair", "unknown"],
)
def test_what_the_plan_does_not_say_is_inconclusive(shop, word, check, reason):
    judgement = shop("", (word, ""))(check)
    assert (judgement.outcome, reason in judgement.reason) == (Outcome.INCONCLUSIVE, True), judgement.reason


FLAGD_CONTROL = """
    - id: flagd
      kind: openfeature
      provider: flagd
      on: candidate
      path: "{work}/flagd.json"
      on_malformed: default
      on_trouble: last
      seen_within_s: 3s
"""
FLAGD_FLAG = """
    - name: rich
      type: bool
      default: false
      baseline_value: false
      values: [false, true]
      sources: [provider, default]
      set_by: {provider: {control: flagd, key: rich}}
"""
FLAGD = (
    ('-S, service.py, candidate, "{port}",', 'service.py, candidate, "{port}", "flagd={work}/flagd.json",'),
    ("  controls:\n", f"  controls:{FLAGD_CONTROL}"),
    ("  flags:\n    - name: fast", f"  flags:{FLAGD_FLAG}    - name: fast"),
    ("pointers: {", "pointers: {rich: /features/rich, "),
)


@pytest.mark.parametrize(
    "check",
    [
        "the-stronger-source-wins/rich.provider-over-default",
        "an-unknown-flag-is-ignored/flagd",
        "a-malformed-value-is-harmless/rich.provider",
        "a-source-out-of-order-is-survived/flagd.missing",
        "a-source-out-of-order-is-survived/flagd.half-written",
    ],
)
def test_a_stack_that_asks_openfeature_is_set_through_flagds_document(shop, check):
    judgement = shop("", *FLAGD)(check)
    assert judgement.outcome is Outcome.PASSED, judgement.findings or judgement.reason


IN_MEMORY = (
    (
        "  controls:\n",
        """  controls:
    - {id: memory, kind: openfeature, provider: in-memory, on: candidate, on_malformed: default, seen_within_s: 1s}
""",
    ),
    (
        "  flags:\n    - name: fast",
        f"  flags:{FLAGD_FLAG.replace('rich', 'deals').replace('flagd', 'memory')}    - name: fast",
    ),
    ("    path: /health\n    pointers", "    path: /health\n    calls: {deals: 'shelf:deals'}\n    pointers"),
)


@pytest.mark.parametrize(
    "check",
    [
        "the-stronger-source-wins/deals.provider-over-default",
        "an-unknown-flag-is-ignored/memory",
        "a-malformed-value-is-harmless/deals.provider",
    ],
)
def test_a_library_that_asks_openfeature_is_set_in_memory(shop, check):
    judgement = shop("", *IN_MEMORY)(check)
    assert judgement.outcome is Outcome.PASSED, judgement.findings or judgement.reason


def test_a_library_that_reads_another_flag_is_found(shop, tmp_path):
    ask = shop("", *IN_MEMORY)
    shelf = tmp_path / "shop" / "shelf.py"
    shelf.write_text(shelf.read_text(encoding="utf-8").replace('"deals"', '"dealz"'), encoding="utf-8")
    judgement = ask("the-stronger-source-wins/deals.provider-over-default")
    assert judgement.outcome is Outcome.FAILED
    assert judgement.findings[0].candidate == "False"
