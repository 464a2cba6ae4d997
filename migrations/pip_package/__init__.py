"""The reference migration from a git clone to an installed package: both installations, tools, defects."""
