"""State that is no table is kept: file trees, documents, key-value stores, and secrets that stay secret."""

from godwit import assert_holds


def test_the_file_tree_is_kept(file_tree, files):
    """The candidate's file tree holds the baseline's files with their content, permissions, links and times."""
    assert_holds(files.tree_kept(file_tree))
