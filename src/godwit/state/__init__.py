"""Reads and copies state: stores, backup manifests, and a ledger of acknowledged writes; judges nothing."""

from godwit.state.copies import clone
from godwit.state.damaging import chosen, damage
from godwit.state.definitions import read_definitions, read_numbering
from godwit.state.functions import load_functions
from godwit.state.generating import DrawnState, Sketch, refused_columns, sketch, spoiled_states, states, target_of
from godwit.state.histories import Act, Recorder
from godwit.state.keyvalue import read_keys
from godwit.state.ledger import Attempt, Clients, Entry, Ledger, Write, Writer
from godwit.state.manifests import Manifest, ManifestFile, read_manifest, verify_backup
from godwit.state.pictures import Picture, picture, unread
from godwit.state.query_plans import explain
from godwit.state.secrets import SHORTEST, files_at, is_spilled, plain_secrets
from godwit.state.small_stores import ImpossibleStateError, SmallStores, reversed_rows
from godwit.state.small_trees import SmallTrees, refused_files, spoiled_trees, tree_states
from godwit.state.statements import statements_sent
from godwit.state.stores import Store
from godwit.state.table_shapes import read_shapes
from godwit.state.trees import read_both, read_tree

__all__ = [
    "SHORTEST",
    "Act",
    "Attempt",
    "Clients",
    "DrawnState",
    "Entry",
    "ImpossibleStateError",
    "Ledger",
    "Manifest",
    "ManifestFile",
    "Picture",
    "Recorder",
    "Sketch",
    "SmallStores",
    "SmallTrees",
    "Store",
    "Write",
    "Writer",
    "chosen",
    "clone",
    "damage",
    "explain",
    "files_at",
    "is_spilled",
    "load_functions",
    "picture",
    "plain_secrets",
    "read_both",
    "read_definitions",
    "read_keys",
    "read_manifest",
    "read_numbering",
    "read_shapes",
    "read_tree",
    "refused_columns",
    "refused_files",
    "reversed_rows",
    "sketch",
    "spoiled_states",
    "spoiled_trees",
    "statements_sent",
    "states",
    "target_of",
    "tree_states",
    "unread",
    "verify_backup",
]
