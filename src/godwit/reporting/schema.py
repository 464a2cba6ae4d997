"""Writes the JSON Schemas of what runs leave (`python -m godwit.reporting.schema [FOLDER]`, else `reports`); refuses nothing."""

import json
import sys
from pathlib import Path

from godwit.reporting.files import SCHEMAS


def main(folder: Path) -> None:
    """Writes each schema into a folder."""
    for name, made in SCHEMAS.items():
        (folder / name).write_text(json.dumps(made(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("reports"))
