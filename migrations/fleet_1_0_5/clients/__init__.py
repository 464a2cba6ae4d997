"""Programs of users: those written for 1.0.4, untouched, and those that were brought to 1.0.5."""
