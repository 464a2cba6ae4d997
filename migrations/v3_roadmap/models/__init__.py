"""A stub of the model API, and how a service finds it."""
