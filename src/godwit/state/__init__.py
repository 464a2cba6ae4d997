"""Reads and copies state: stores, backup manifests, and a ledger of acknowledged writes; judges nothing."""

from godwit.state.copies import clone
from godwit.state.ledger import Attempt, Entry, Ledger, Writer
from godwit.state.manifests import Manifest, ManifestFile, read_manifest, verify_backup
from godwit.state.secrets import SHORTEST, files_at, is_spilled, plain_secrets
from godwit.state.stores import Store
from godwit.state.trees import read_both, read_tree

__all__ = [
    "SHORTEST",
    "Attempt",
    "Entry",
    "Ledger",
    "Manifest",
    "ManifestFile",
    "Store",
    "Writer",
    "clone",
    "files_at",
    "is_spilled",
    "plain_secrets",
    "read_both",
    "read_manifest",
    "read_tree",
    "verify_backup",
]
