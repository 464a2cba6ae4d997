"""What single calls of old code cost: files for pytest-benchmark, run on either side alike."""
