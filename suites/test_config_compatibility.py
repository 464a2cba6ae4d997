"""What users of the baseline have configured, the candidate honours, key by key; what is malformed it refuses."""

from godwit import assert_holds


def test_old_config_is_honoured(config_file, configuration):
    """Each key of an old configuration file is kept, mapped, defaulted or dropped with a reason, as the plan says."""
    assert_holds(configuration.honoured(config_file))


def test_bad_config_is_refused(config_file, configuration):
    """A malformed configuration file is refused with an exit code and a word, and no half result is left."""
    assert_holds(configuration.refused(config_file))
