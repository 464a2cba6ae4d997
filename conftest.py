"""What a clone adds to its own tests: pytester, to try the plugin in projects made for one test."""

pytest_plugins = ["pytester"]
