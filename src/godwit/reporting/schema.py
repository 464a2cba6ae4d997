"""Writes the JSON Schema of a verdict (`python -m godwit.reporting.schema [FOLDER]`, else `reports`); it refuses nothing."""

import json
import sys
from pathlib import Path

from godwit.reporting.files import schema

FILE = "verdict.schema.json"


def main(folder: Path) -> None:
    """Writes `verdict.schema.json` into a folder."""
    (folder / FILE).write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("reports"))
