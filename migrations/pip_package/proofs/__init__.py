"""Programs that use the package and its Python API as its users do, and say how much of what is promised holds."""
