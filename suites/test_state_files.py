"""State that is no table is kept: file trees, documents, key-value stores, and secrets that stay secret."""

from godwit import assert_holds


def test_the_file_tree_is_kept(file_tree, files):
    """The candidate's file tree holds the baseline's files with their content, permissions, links and times."""
    assert_holds(files.tree_kept(file_tree))


def test_the_document_is_kept(document_pair, files):
    """Each key of a document keeps its value and type in the candidate's, or is accounted for by the plan."""
    assert_holds(files.document_kept(document_pair))


def test_the_keys_are_kept(key_space, keyspaces):
    """Each key of a key-value store is on the candidate with its type, value and moment of expiry."""
    assert_holds(keyspaces.kept(key_space))


def test_the_secret_is_read_with_its_key(secret_store, secrets):
    """Each secret is read with the key of its store, exactly as it was."""
    assert_holds(secrets.opened(secret_store))


def test_the_secret_stays_shut_without_its_key(secret_store, secrets):
    """No secret is read without the key of its store, or with another one."""
    assert_holds(secrets.shut(secret_store))


def test_the_secret_store_is_private(secret_store, secrets):
    """Nobody but their owner may read the store of the secrets and its key."""
    assert_holds(secrets.private(secret_store))


def test_no_secret_lies_in_plain(secret_store, secrets):
    """No secret can be read in the files that the plan names, logs, backups and archives included."""
    assert_holds(secrets.nowhere(secret_store))
