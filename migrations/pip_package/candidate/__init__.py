"""The project folder of the package that replaces the clone: install it, or put it on the path."""
