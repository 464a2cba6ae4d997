"""Defects that can be seeded into the tools, each as a patch at start; the tools themselves know none."""

from pathlib import Path

from plumbing.defects import DefectTable

DEFECTS = DefectTable()


@DEFECTS.defect("moves-backup", part="tools", sentence="The swap moves the backup away instead of copying it.")
def _moves_backup() -> None:
    from universal_orchestrator.tools import core_tree

    whole = core_tree.swap

    def swap(site: Path, source: Path, *, crash_after: str = "") -> int:
        count = whole(site, source, crash_after=crash_after)
        if source.name == "core_backup":
            core_tree.remove(source)
        return count

    core_tree.swap = swap


@DEFECTS.defect("thin-backup", part="tools", sentence="The backup leaves out the last module, and its manifest, too.")
def _thin_backup() -> None:
    from universal_orchestrator.tools import core_tree

    whole = core_tree.back_up

    def back_up(site: Path) -> int:
        last = max((site / "app/core").glob("*.py"))
        kept = last.read_bytes()
        last.unlink()
        try:
            return whole(site)
        finally:
            last.write_bytes(kept)

    core_tree.back_up = back_up
