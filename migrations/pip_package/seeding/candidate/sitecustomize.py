"""Applies the defect that the environment names when a Python process of the candidate starts; does nothing without one."""

import os
import sys
from pathlib import Path

if os.environ.get("ORCHESTRATION_DEFECT"):
    sys.path.append(str(Path(__file__).resolve().parents[3]))

    from plumbing.defects import apply_from_environment

    apply_from_environment("candidate", ("pip_package.defects", "pip_package.backup_defects"))
