"""What the reference systems share and no suite compares: starting a server, exposing metrics, faults, stores, defects."""
