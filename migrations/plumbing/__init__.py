"""What the reference systems share and no suite compares: server start, metrics, faults, stores, defects."""
