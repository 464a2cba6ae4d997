"""Converts an INI file to JSON as the words ask it to, well or badly; the program under the tests of configuration."""

import configparser
import json
import sys
from pathlib import Path


def main(source: Path, target: Path, *faults: str) -> int:
    """Converts, with the faults named."""
    parser = configparser.ConfigParser()
    try:
        if source.read_bytes().startswith(b"{"):
            raise configparser.Error("converted already")
        parser.read_string(source.read_text(encoding="utf-8"))
    except (configparser.Error, UnicodeDecodeError) as error:
        print(f"cannot be converted: {error}", file=sys.stderr)
        if "half" in faults:
            target.write_text("{", encoding="utf-8")
        return 0 if "lenient" in faults else 2
    found = {name: dict(parser.items(name)) for name in parser.sections()}
    if "forgets" in faults:
        del found["server"]["port"]
    if "touches" in faults:
        source.write_text("# converted\n", encoding="utf-8")
    target.write_text("{" if "malformed" in faults else json.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))
