"""A tool that says its version, where its home is, and what it finds there."""

import os
import sys
from pathlib import Path

if sys.argv[1:] == ["--version"]:
    print("tool", os.environ["VERSION"])
else:
    print(sorted(path.name for path in Path(os.environ["HOME"]).iterdir()))
