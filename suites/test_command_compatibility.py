"""What users of the baseline type and configure, the candidate answers and honours alike."""

from godwit import assert_holds


def test_commands_behave_alike(command, commands):
    """Each command line ends, says and writes on the candidate what it does on the baseline."""
    assert_holds(commands.alike(command))


def test_old_config_is_honoured(config_file, configuration):
    """Each key of an old configuration file is kept, mapped, defaulted or dropped with a reason, as the plan says."""
    assert_holds(configuration.honoured(config_file))


def test_bad_config_is_refused(config_file, configuration):
    """A malformed configuration file is refused with an exit code and a word, and no half result is left."""
    assert_holds(configuration.refused(config_file))
