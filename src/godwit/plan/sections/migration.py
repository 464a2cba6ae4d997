"""`migration`: what moves, from which version to which, when, and which documents said so."""

import datetime as dt

from pydantic import Field

from godwit.plan.sections.words import Duration, Id, Section, Text


class Version(Section):
    """A named version of a system."""

    name: Text
    version: Text


class Document(Section):
    """A document that criteria come from."""

    id: Text
    title: Text
    updated: dt.date | None = None
    next_review: dt.date | None = None


class Calendar(Section):
    """When the migration is meant to run, first and last day included; `buffer_s` is the time that is kept free in it."""

    start: dt.date
    end: dt.date
    buffer_s: Duration | None = None


class Reading(Section):
    """A contradiction in the documents and the reading that this plan takes.

    `answers` names the lints (warnings) in which the contradiction shows; they become notes that quote the reading.
    """

    id: Text
    conflict: Text
    reading: Text
    answers: tuple[Id, ...] = ()


class Migration(Section):
    """The head of the plan."""

    id: Id
    title: Text
    baseline: Version
    candidate: Version
    seed: int
    documents: tuple[Document, ...] = ()
    calendar: Calendar | None = None
    criteria_file: str | None = None
    readings: tuple[Reading, ...] = Field(default=())
