"""Puts the reference migrations on the path, as their own users have them; judges nothing."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3] / "migrations"))
