"""`python -m v3_roadmap.tools`: hands over to the command line after the seeded defect, if any, was applied."""

from v3_roadmap.seeded import apply_seeded
from v3_roadmap.tools.cli import main

if __name__ == "__main__":
    apply_seeded("tools")
    main()
