"""The sections of a plan, one module each; every class is a frozen value that refuses unknown words."""
