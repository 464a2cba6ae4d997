"""Tables that a plan names are compared; paths are taken from the plan's folder, and differences lie in the run's."""

import sys

import pytest

from godwit.session import read_events
from godwit.verdict import HarnessError, Outcome

PLAN = """state:
  parallel: separate
  comparisons:
    - id: notes
      sentence: Every note is there as it was.
      baseline: {store: before.csv}
      candidate: {store: "{work}/after.csv"}
      key: [id]

rollout:
"""


@pytest.fixture
def compared(walked):
    """Compares two tables of notes, the second as given."""

    def compare(after):
        run = walked(("rollout:\n", PLAN))
        session = run.session
        (session.world.plan.directory / "before.csv").write_text("id,text\n1,a\n2,b\n", encoding="utf-8")
        (session.world.folder("{work}") / "after.csv").write_text(after, encoding="utf-8")
        return session, session.comparing.same_rows(session.world.plan.state.comparisons[0])

    return compare


def test_equal_tables_hold(compared):
    assert compared("id,text\n2,b\n1,a\n")[1].outcome == Outcome.PASSED


def test_a_changed_cell_is_found_listed_and_told(compared):
    session, found = compared("id,text\n1,a\n2,B\n")
    assert (found.outcome, found.findings[0].reason) == (Outcome.FAILED, "case folded: all capital letters")
    listed = (session.world.out / "comparisons" / "notes.csv").read_text(encoding="utf-8")
    assert listed.splitlines()[1:] == ["changed,2,1,text,b,B"]
    events, _ = read_events(session.world.out / "events.ndjson")
    assert [event.text for event in events if event.kind == "comparison"][-1] == "1 rows differ"


def test_without_the_extra_it_says_what_to_install(compared, monkeypatch):
    monkeypatch.setitem(sys.modules, "godwit.state.rows", None)
    with pytest.raises(HarnessError, match=r"pip install 'pytest-godwit\[rows\]'"):
        compared("id,text\n")
