"""Agent workflow 1.0.0 as an installed package: configuration in one home, state in the projects, secrets encrypted."""

VERSION = "1.0.0"
