"""What differs at one look may only be on its way; what differs at every look for too long is not."""

from godwit.checks import Settling


def looked(*looks):
    settling = Settling(within_s=2.0)
    for at_s, differing in looks:
        settling.look(differing, at_s)
    return settling


def test_a_key_that_agrees_at_the_next_look_was_on_its_way():
    settling = looked((0, {"a", "b"}), (1, {"a"}), (2, set()))
    assert settling.are_all_settled
    assert settling.stayed(100) == frozenset()


def test_a_key_that_differs_at_every_look_for_too_long_stayed():
    settling = looked((0, {"a"}), (1, {"a", "b"}), (2.5, {"a", "b"}))
    assert settling.stayed(2.5) == {"a"}
    assert not settling.are_all_settled


def test_a_key_that_agreed_in_between_starts_anew():
    assert looked((0, {"a"}), (1, set()), (2.5, {"a"})).stayed(2.6) == frozenset()
