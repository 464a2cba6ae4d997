"""What a user of the baseline relies on, the candidate honours: answers, contract, features, health."""

from godwit import assert_holds


def test_the_candidate_answers_as_the_baseline(probe, parity):
    """The candidate answers each probe as the baseline does."""
    assert_holds(parity.compare(probe))


def test_the_recording_replays_alike(recording, parity):
    """Each recording of the baseline, replayed on both sides with ids of their own, is answered alike."""
    assert_holds(parity.replay(recording))


def test_the_contract_is_kept(contract):
    """The candidate breaks nothing that the baseline's OpenAPI document promises, tried on both where it can be."""
    assert_holds(contract.kept())


def test_consumer_contracts_hold(pact, pacts):
    """The candidate meets every expectation of a consumer's Pact file that the baseline meets."""
    assert_holds(pacts.hold(pact))


def test_the_feature_works(feature, parity):
    """Each feature that the plan announces answers as announced."""
    assert_holds(parity.feature(feature))


def test_answers_survive_a_restart(parity):
    """The candidate answers every reading probe after a restart as it did before."""
    assert_holds(parity.after_restart())


def test_the_stack_is_healthy(role, parity):
    """Each stack says that it is healthy and which version it is."""
    assert_holds(parity.health(role))
