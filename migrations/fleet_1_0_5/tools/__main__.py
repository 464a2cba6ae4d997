"""`python -m fleet_1_0_5.tools`: hands over to the command line after a named defect, if any, was applied."""

from fleet_1_0_5.tools.cli import main

main()
