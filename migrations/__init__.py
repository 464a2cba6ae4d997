"""Reference migrations: small real systems that a plan moves from a baseline to a candidate; they know nothing of godwit."""
