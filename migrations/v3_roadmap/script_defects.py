"""Defects of the consolidation of scripts that can be seeded, each as a patch of the tools at start."""

import importlib
from collections.abc import Callable
from typing import Any

from plumbing.defects import DefectTable, Patch

DEFECTS = DefectTable()


def _module(name: str) -> Any:
    """A module of the scripts' room, to be patched."""
    return importlib.import_module(f"v3_roadmap.scripts.{name}")


def _defect(name: str, sentence: str) -> Callable[[Patch], Patch]:
    return DEFECTS.defect(name, part="tools", sentence=sentence)


@_defect("spaces-unquoted", "Paths of the one script stand without quotes, so that a folder with a space breaks them.")
def _spaces_unquoted() -> None:
    _module("rewriting")._in_double_quotes = lambda before: True  # noqa: SLF001


@_defect("first-application-for-all", "The one script works on the first application, whoever calls it.")
def _first_application_for_all() -> None:
    rewriting, consolidation = _module("rewriting"), _module("consolidation")
    text = rewriting.LIBRARY_TEXT.replace("v3_app=${v3_app%%/*}", "v3_app=coordination")
    rewriting.LIBRARY_TEXT = consolidation.LIBRARY_TEXT = text


@_defect("batches-untried", "A batch is put in place without being tried.")
def _batches_untried() -> None:
    _module("consolidation")._tried = lambda *_: 1  # noqa: SLF001


@_defect("legacy-not-backed-up", "Scripts under legacy/ are not backed up.")
def _legacy_not_backed_up() -> None:
    backup = _module("backup")
    whole = backup.scripts_of
    backup.scripts_of = lambda tree: [place for place in whole(tree) if "/legacy/" not in place]


@_defect("backup-unread", "A damaged backup of scripts is restored as if it were whole.")
def _backup_unread() -> None:
    backup = _module("backup")
    whole = backup._files  # noqa: SLF001

    def files(tree: Any, places: Any) -> Any:
        return {place: {} for place in whole(tree, places)}

    backup._files = files  # noqa: SLF001


@_defect("one-copy-forgotten", "One script of each group stays beside the one that stands for all.")
def _one_copy_forgotten() -> None:
    consolidation, kind = _module("consolidation"), _module("grouping").Group
    whole = consolidation.replace

    def replace(tree: Any, baked: Any, groups: Any) -> None:
        whole(tree, baked, [kind(group.name, group.places[:-1]) for group in groups])

    consolidation.replace = replace
