"""Judges lists that were read page by page: each item once, in one order, alike on both sides; reads no page itself."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from godwit.checks.answers import compare_answers
from godwit.checks.differences import cut, verdict_on
from godwit.plan import Allowance, Normaliser
from godwit.verdict import Answer, Finding, Judgement, Outcome, inconclusive, passed


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the answer, and the keys of its items in their order."""

    answer: Answer
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trip:
    """One walk of one side. `stopped` says why it ended before its end: `loop`, `pages`, or what was wrong with a page."""

    pages: tuple[Page, ...]
    stopped: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all pages in their order."""
        return tuple(key for page in self.pages for key in page.keys)


def judge_walk(
    walk: str,
    trips: Mapping[str, Sequence[Trip]],
    inserted: Mapping[str, Trip],
    normalisers: Sequence[Normaliser],
    allowances: Sequence[Allowance],
    headers: Sequence[str],
) -> Judgement:
    """Judge the trips of both sides: two or more each without change, and one each around an insert, if there was one.

    Where a new item comes to stand is for each side to say. A baseline that does not keep its own promise, or a list of
    fewer than two pages, is inconclusive: it proves nothing.
    """
    faults = {
        side: [*_faults(side, rounds), *_insert_faults(side, rounds[0], inserted.get(side))]
        for side, rounds in trips.items()
    }
    if faults["baseline"]:
        first = faults["baseline"][0]
        return inconclusive(f"the baseline does not walk this list to its end itself: {first.what} at {first.where}")
    one, other = trips["baseline"][0], trips["candidate"][0]
    if len(one.pages) < 2:
        return inconclusive(
            f"the baseline's list has {len(one.pages)} page(s); a walk needs two, so ask for smaller ones"
        )
    if faults["candidate"]:
        return verdict_on(faults["candidate"], sum(len(trip.pages) for trip in trips["candidate"]), "page(s)")
    judgement = _alike(walk, one, other, normalisers, allowances, headers)
    if judgement.outcome is not Outcome.PASSED:
        return judgement
    insert = "; an insert in mid-walk lost and doubled nothing" if inserted else ""
    return passed(
        f"{len(one.keys)} item(s) on {len(one.pages)} pages, each once and in one order on both sides{insert}"
    )


def _faults(side: str, trips: Sequence[Trip]) -> Iterator[Finding]:
    for trip in trips:
        if trip.stopped:
            what = {"loop": "pages come round again", "pages": "the walk does not end"}.get(trip.stopped, trip.stopped)
            yield _finding(side, what, f"page {len(trip.pages)}", f"{len(trip.pages)} pages")
        yield from _doubled(side, trip)
    first, *others = trips
    for trip in others:
        if trip.keys != first.keys and not trip.stopped:
            at = next(
                (n for n, pair in enumerate(zip(first.keys, trip.keys, strict=False)) if pair[0] != pair[1]), None
            )
            at = min(len(first.keys), len(trip.keys)) if at is None else at
            yield _finding(side, "the order changes from walk to walk", f"item {at}", _around(trip.keys, at))


def _insert_faults(side: str, before: Trip, around: Trip | None) -> Iterator[Finding]:
    if around is None:
        return
    if around.stopped:
        yield _finding(side, f"the walk around an insert stopped: {around.stopped}", f"page {len(around.pages)}", "")
    yield from _doubled(side, around)
    lost = [key for key in before.keys if key not in set(around.keys)]
    if lost:
        shown = f"{len(lost)} lost: {', '.join(lost[:5])}"
        yield _finding(side, "items are lost when one is added in mid-walk", "items", shown)


def _doubled(side: str, trip: Trip) -> Iterator[Finding]:
    doubled = [key for key, times in Counter(trip.keys).items() if times > 1]
    if doubled and trip.stopped != "loop":
        yield _finding(side, "items come twice", "items", f"{len(doubled)} twice: {', '.join(doubled[:5])}")


def _finding(side: str, what: str, where: str, shown: str) -> Finding:
    return Finding(what, where, **{side: cut(shown)})  # type: ignore[arg-type]


def _around(keys: Sequence[str], at: int) -> str:
    return ", ".join(keys[at : at + 3]) or "(nothing)"


def _alike(
    walk: str,
    one: Trip,
    other: Trip,
    normalisers: Sequence[Normaliser],
    allowances: Sequence[Allowance],
    headers: Sequence[str],
) -> Judgement:
    """Both sides' pages, answer by answer, with the ids of all pages matched to each other."""
    if len(one.keys) != len(other.keys):
        found = Finding("number of items", "items", str(len(one.keys)), str(len(other.keys)))
        return verdict_on([found], len(one.keys), "item(s)")
    if len(one.pages) != len(other.pages):
        found = Finding("number of pages", "pages", str(len(one.pages)), str(len(other.pages)))
        return verdict_on([found], len(one.pages), "page(s)")
    answers = [[page.answer for page in trip.pages] for trip in (one, other)]
    return compare_answers(walk, answers[0], answers[1], normalisers, allowances, headers)
