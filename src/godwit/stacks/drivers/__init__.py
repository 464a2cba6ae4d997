"""The ways to bring a stack up, one module each; they do not know each other."""
