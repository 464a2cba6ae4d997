"""State in files, as a plan names it: folders of either side with places in their names."""

import pytest

from godwit.verdict import HarnessError, Outcome

STATE = """state:
  parallel: separate
  trees:
    - {id: all, sentence: Everything is kept, baseline: "{work}/old", candidate: "{work}/new", compare: [content, mode]}
  documents:
    - id: settings
      sentence: Settings are kept
      baseline: "{work}/old.yml"
      candidate: "{work}/new.conf"
      yaml: "1.1"
      candidate_format: yaml
      candidate_yaml: "1.2"
"""


@pytest.fixture
def kept(walked):
    """The session's files and the one tree of its plan; the folders are the test's to make."""
    run = walked(("profiles:\n", STATE + "profiles:\n"))
    session = run.session
    return session.files, session.setting.plan.state, session.world.work


def make(folder, content="a"):
    folder.mkdir()
    (folder / "file").write_text(content)


def test_a_tree_is_compared_where_the_plan_says(kept):
    files, state, work = kept
    make(work / "old")
    make(work / "new")
    assert files.tree_kept(state.trees[0]).outcome is Outcome.PASSED
    (work / "new/file").write_text("b")
    assert files.tree_kept(state.trees[0]).outcome is Outcome.FAILED


def test_a_candidate_without_its_folder_has_lost_everything(kept):
    files, state, work = kept
    make(work / "old")
    assert files.tree_kept(state.trees[0]).outcome is Outcome.FAILED


def test_a_baseline_without_its_folder_cannot_be_tested(kept):
    files, state, work = kept
    make(work / "new")
    with pytest.raises(HarnessError, match="the baseline has no folder"):
        files.tree_kept(state.trees[0])


@pytest.mark.parametrize(
    ("said", "outcome"),
    [pytest.param("false", Outcome.PASSED, id="kept"), pytest.param("no", Outcome.FAILED, id="a-text-now")],
)
def test_each_document_is_read_in_its_own_format_and_version(kept, said, outcome):
    files, state, work = kept
    (work / "old.yml").write_text("debug: no\n")
    (work / "new.conf").write_text(f"debug: {said}\n")
    assert files.document_kept(state.documents[0]).outcome is outcome
