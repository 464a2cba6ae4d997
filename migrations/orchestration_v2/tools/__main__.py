"""`python -m orchestration_v2.tools`: hands over to the command line after a named defect, if any, was applied."""

from orchestration_v2.tools.cli import main

main()
