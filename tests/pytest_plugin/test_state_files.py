"""State in files, judged in a whole run: the plan's words become checks, and what differs is a NO-GO that names it."""

STATE = """state:
  parallel: separate
  trees:
    - id: itself
      sentence: It is what it is
      baseline: "{plan_dir}"
      candidate: "{plan_dir}"
      compare: [content]
      ignore: {"**/__pycache__": made on the way}
    - {id: later, sentence: Not asked yet, baseline: "{plan_dir}", candidate: "{work}", compare: [content], phases: [load]}
  documents:
    - id: signature
      sentence: It has other words
      baseline: "{plan_dir}/attestations/sign-off.yaml"
      candidate: "{plan_dir}/short.yaml"

profiles:
"""
SUITE = """      - {suite: state-files, promises: [the-file-tree-is-kept, the-document-is-kept]}
    exit: side-by-side
"""


def test_trees_and_documents_are_checks_of_their_phases(tiny):
    tiny.change("profiles:\n", STATE)
    tiny.change("    exit: side-by-side\n", SUITE)
    (tiny.folder / "short.yaml").write_text("id: sign-off\nby: A. Writer\nseal: red\n")
    ended = tiny.verify("--phase", "parity")
    asked = {name: outcome for name, outcome in ended.outcomes.items() if "is-kept" in name}
    assert asked == {
        "parity/the-file-tree-is-kept/itself": "passed",
        "parity/the-document-is-kept/signature": "failed",
    }, ended.said
    whats = {finding.what for finding in ended.check("parity/the-document-is-kept/signature").findings}
    assert whats == {"key vanished", "value changed", "key that nobody stated"}
