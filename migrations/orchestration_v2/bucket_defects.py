"""Defects of who is moved by a percentage, seeded into the gateway as patches at start; production code knows none."""

import hashlib
import itertools
from typing import Any

from plumbing.defects import DefectTable

DEFECTS = DefectTable()
HUNDRED = 100


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


@DEFECTS.defect("bucket-without-salt", part="gateway", sentence="Both shares put a user into the same bucket.")
def _bucket_without_salt() -> None:
    from orchestration_v2.gateway import selector

    bucket = selector.bucket
    selector.bucket = lambda user_id, salt="": bucket(user_id)


@DEFECTS.defect(
    "one-percent-is-nobody", part="gateway", sentence="Buckets are counted from 1, so that 1 percent is nobody."
)
def _one_percent_is_nobody() -> None:
    from orchestration_v2.gateway import selector

    bucket = selector.bucket

    def changed(user_id: str | None, percentage: int, salt: str = "") -> bool:
        if user_id is None or percentage == HUNDRED:
            return percentage == HUNDRED
        return 1 + bucket(user_id, salt) % HUNDRED < percentage

    selector.is_in_share = changed


@DEFECTS.defect("nobody-without-id", part="gateway", sentence="A user without an id stays even at 100 percent.")
def _nobody_without_id() -> None:
    from orchestration_v2.gateway import selector

    share = selector.is_in_share
    selector.is_in_share = lambda user_id, percentage, salt="": bool(user_id) and share(user_id, percentage, salt)


@DEFECTS.defect("guests-go-first", part="gateway", sentence="A user without an id is moved even at 0 percent.")
def _guests_go_first() -> None:
    from orchestration_v2.gateway import selector

    share = selector.is_in_share
    selector.is_in_share = lambda user_id, percentage, salt="": not user_id or share(user_id, percentage, salt)


@DEFECTS.defect(
    "one-byte-buckets", part="gateway", sentence="One byte of the hash makes the bucket, so that some are larger."
)
def _one_byte_buckets() -> None:
    from orchestration_v2.gateway import selector

    selector.bucket = lambda user_id, salt="": _hash(salt + user_id)[0] % HUNDRED * HUNDRED


@DEFECTS.defect(
    "numbers-are-not-hashed", part="gateway", sentence="An id that is a number is its own bucket, modulo 10,000."
)
def _numbers_are_not_hashed() -> None:
    from orchestration_v2.gateway import selector

    bucket = selector.bucket

    def changed(user_id: str, salt: str = "") -> int:
        return int(user_id) % selector.BUCKETS if user_id.isdecimal() else bucket(user_id, salt)

    selector.bucket = changed


@DEFECTS.defect("coarse-steps", part="gateway", sentence="A percentage acts in steps of five.")
def _coarse_steps() -> None:
    from orchestration_v2.gateway import selector

    share = selector.is_in_share
    selector.is_in_share = lambda user_id, percentage, salt="": share(user_id, percentage // 5 * 5, salt)


@DEFECTS.defect("seed-of-the-process", part="gateway", sentence="Buckets come of a hash that each process seeds anew.")
def _seed_of_the_process() -> None:
    import secrets

    from orchestration_v2.gateway import selector

    seed = secrets.token_hex(8)
    bucket = selector.bucket
    selector.bucket = lambda user_id, salt="": bucket(user_id, seed + salt)


@DEFECTS.defect("other-formula", part="gateway", sentence="The bucket is made of the other end of the hash.")
def _other_formula() -> None:
    from orchestration_v2.gateway import selector

    selector.bucket = lambda user_id, salt="": int.from_bytes(_hash(salt + user_id)[-8:]) % selector.BUCKETS


@DEFECTS.defect("attribute-missing", part="gateway", sentence="The user's id never reaches the selector.")
def _attribute_missing() -> None:
    from orchestration_v2.gateway import selector

    share = selector.is_in_share
    selector.is_in_share = lambda user_id, percentage, salt="": share(None, percentage, salt)


@DEFECTS.defect("every-other-user", part="gateway", sentence="Users are dealt out by turns instead of by their ids.")
def _every_other_user() -> None:
    from orchestration_v2.gateway import selector

    turn = itertools.count()
    selector.bucket = lambda user_id, salt="": next(turn) * 6_180 % selector.BUCKETS


@DEFECTS.defect(
    "teams-fill-the-share", part="gateway", sentence="Users of a listed team count as a part of the percentage."
)
def _teams_fill_the_share() -> None:
    from orchestration_v2.gateway import selector

    flag = selector.feature_flag

    def changed(name: str, user_context: Any) -> bool:
        flags = selector.selection().flags()
        if name != "use_v2_orchestration" or not flags.v2_enabled_teams or user_context.team in flags.v2_enabled_teams:
            return flag(name, user_context)
        percentage = max(0, flags.v2_user_percentage - 10 * len(flags.v2_enabled_teams))
        return flags.use_v2_orchestration and selector.is_in_share(user_context.user_id, percentage)

    selector.feature_flag = changed


@DEFECTS.defect(
    "team-moves-its-namesakes", part="gateway", sentence="A team is taken for every team whose name holds its own."
)
def _team_moves_its_namesakes() -> None:
    from orchestration_v2.gateway import selector

    selector.is_enabled_team = lambda team, enabled: team is not None and any(team[0] >= each[0] for each in enabled)
