"""What users of the baseline type the candidate answers alike: exit code, output and files."""

from godwit import assert_holds


def test_commands_behave_alike(command, commands):
    """Each command line ends, says and writes on the candidate what it does on the baseline."""
    assert_holds(commands.alike(command))
