"""`python -m pip_package.tools`."""

from pip_package.tools.cli import main

main()
