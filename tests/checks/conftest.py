"""Property tests of this room may take their time: a busy machine is no reason to fail."""

from hypothesis import settings

settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")
