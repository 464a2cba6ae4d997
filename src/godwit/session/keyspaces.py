"""Reads the keys of both sides' key-value stores; `checks` judges, nothing is written."""

from godwit.checks import judge_keys, new_name
from godwit.plan import KeySpace
from godwit.session.world import World
from godwit.stacks import fill_text
from godwit.state import read_keys
from godwit.verdict import Judgement, StoredKey


class KeySpaces:
    """Key-value stores of the plan."""

    def __init__(self, world: World) -> None:
        self._world = world

    def kept(self, space: KeySpace) -> Judgement:
        """Whether the candidate's store holds the baseline's keys with type, value and expiry."""
        places = self._world.places.outside
        url = fill_text(space.baseline, places)
        old = read_keys(url, space.match)
        new: dict[str, StoredKey] = {}
        for match in dict.fromkeys((space.match, *(f"{head}*" for head in space.renamed.values()))):
            new |= read_keys(fill_text(space.candidate, places), match)
        if any(key.expires_ms is not None and new_name(space, name) not in new for name, key in old.items()):
            still = read_keys(url, space.match)  # what expired between both readings is lost on neither side
            old = {name: key for name, key in old.items() if key.expires_ms is None or name in still}
        return judge_keys(space, old, new)
