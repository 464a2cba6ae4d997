"""Reads and copies state: stores, backup manifests, and a ledger of acknowledged writes; judges nothing."""

from godwit.state.copies import clone
from godwit.state.ledger import Attempt, Entry, Ledger, Writer
from godwit.state.manifests import Manifest, ManifestFile, read_manifest, verify_backup
from godwit.state.stores import Store
from godwit.state.trees import read_both, read_tree

__all__ = [
    "Attempt",
    "Entry",
    "Ledger",
    "Manifest",
    "ManifestFile",
    "Store",
    "Writer",
    "clone",
    "read_both",
    "read_manifest",
    "read_tree",
    "verify_backup",
]
