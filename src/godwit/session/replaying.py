"""Replays a recording on both sides, baseline first, has the answers judged, and keeps what was sent as evidence."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from godwit.checks import Flow, judge_replay
from godwit.plan import Normaliser, Recording
from godwit.session.hiding import spellings, storable
from godwit.session.world import World
from godwit.surfaces import read_recording, replay
from godwit.verdict import PLACEHOLDER, Answer, Exchange, Judgement

_SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "x-api-key"})


def replayed(world: World, recording: Recording) -> Judgement:
    """Replay one recording; each side's own ids flow through its own requests. No secret of either side is told."""
    surfaces = world.plan.surfaces
    read = read_recording(world.plan.directory / recording.file, recording.origin)
    if any(exchange.writes for exchange in read.exchanges):
        world.may_write("baseline", "candidate")
    flows = {role: Flow(recording.values, surfaces.normalisers) for role in ("baseline", "candidate")}
    answers = {role: replay(read.exchanges, world.stack(role).url, flow) for role, flow in flows.items()}
    ids = {place for flow in flows.values() for place in flow.places}
    rules = (*surfaces.normalisers, *(Normaliser(kind="id", at=place) for place in sorted(ids)))
    mine = [item for item in surfaces.allowances if item.probe == recording.id]
    judgement = judge_replay(
        recording.id, read.exchanges, answers["baseline"], answers["candidate"], rules, mine, surfaces.http.headers
    )
    hidden = {*recording.values.values(), *_secrets(read.exchanges, answers.values())}
    hidden |= {secret for flow in flows.values() for secret in flow.secrets}
    secrets = spellings(secret for secret in hidden if PLACEHOLDER not in secret)
    with (world.out / "replays.ndjson").open("a", encoding="utf-8") as file:
        for line in _lines(recording.id, read.exchanges, answers):
            file.write(json.dumps(storable(line, secrets)) + "\n")
    left = "".join(f"; left out of the recording: {n} {why}" for why, n in read.left_out)
    return storable(replace(judgement, reason=judgement.reason + left), secrets)


def _lines(
    recording: str, exchanges: Sequence[Exchange], answers: dict[str, list[Answer]]
) -> Iterator[dict[str, object]]:
    for role, given in answers.items():
        for exchange, answer in zip(exchanges, given, strict=True):
            yield {
                "recording": recording,
                "side": role,
                "request": answer.request,
                "recorded": exchange.answer.status,
                "status": answer.status,
                "error": answer.error,
            }


def _secrets(exchanges: Sequence[Exchange], answers: Iterable[Sequence[Answer]]) -> Iterator[str]:
    """What the recording and both sides hold in headers that nobody may see, value by value."""
    given = [answer for side in answers for answer in side]
    headers = [exchange.headers for exchange in exchanges] + [
        answer.headers for answer in (*given, *(exchange.answer for exchange in exchanges))
    ]
    for name, value in (pair for pairs in headers for pair in pairs):
        if name.lower() in _SECRET_HEADERS:
            yield from _values(name.lower(), value)


def _values(name: str, value: str) -> list[str]:
    if name == "authorization":
        return [value.rpartition(" ")[2]]
    pairs = [value.partition(";")[0]] if name == "set-cookie" else value.split(";")
    return [pair.partition("=")[2].strip() or pair for pair in pairs] if "cookie" in name else [value]
