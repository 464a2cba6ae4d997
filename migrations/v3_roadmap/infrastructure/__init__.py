"""The stack of V3: its configuration files, and its programs as processes on loopback where they are installed."""
