"""The legacy side: the program and configuration that a clone of version 0.9.8 holds."""
