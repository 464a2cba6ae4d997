"""The search for an order finds one exactly where trying every order does."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from godwit.checks.linearizable import Operation, find_order


def write(value, began, ended=math.inf):
    return Operation("write", value, began, ended)


def read(value, began, ended):
    return Operation("read", value, began, ended)


def plausible(kind, order, state):
    for each in order:
        if each.does == "read":
            if each.value != state:
                return False
        else:
            state = each.value if kind == "register" else state + 1
    return True


def keeps_time(order):
    return not any(later.ended_s < earlier.began_s for earlier, later in itertools.combinations(order, 2))


def brute_force(kind, operations, initial):
    """Whether any order of the ended operations and of some of the open ones keeps time and explains the reads."""
    ended = [each for each in operations if not each.is_open]
    open_writes = [each for each in operations if each.is_open and each.does == "write"]
    return any(
        keeps_time(order) and plausible(kind, order, initial)
        for size in range(len(open_writes) + 1)
        for some in itertools.combinations(open_writes, size)
        for order in itertools.permutations([*ended, *some])
    )


@st.composite
def histories(draw, kind):
    operations = []
    for _ in range(draw(st.integers(1, 6))):
        began = draw(st.integers(0, 8))
        does = draw(st.sampled_from(["write", "read"]))
        values = st.none() if (kind, does) == ("counter", "write") else st.integers(0, 3)
        length = draw(st.one_of(st.integers(0, 5), st.just(math.inf) if does == "write" else st.integers(0, 5)))
        operations.append(Operation(does, draw(values), float(began), began + length))
    return operations


@pytest.mark.parametrize("kind", ["register", "counter"])
@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_the_search_says_what_trying_every_order_says(kind, data):
    operations = data.draw(histories(kind))
    assert find_order(kind, operations, 0).exists is brute_force(kind, operations, 0)


@pytest.mark.parametrize(
    ("kind", "operations", "stuck"),
    [
        pytest.param("register", [write("a", 0, 1), write("b", 2, 3), read("a", 4, 5)], 2, id="stale"),
        pytest.param("register", [write("a", 0, 9), read("a", 1, 2), read(None, 3, 4)], 2, id="back-and-forth"),
        pytest.param("register", [write("a", 0), read("a", 1, 2), read(None, 3, 4)], 2, id="open-write-taken-back"),
        pytest.param("counter", [write(None, 0, 1), write(None, 2, 3), read(1, 4, 5)], 2, id="lost"),
        pytest.param("counter", [write(None, 0, 1), read(2, 2, 3)], 1, id="doubled"),
    ],
)
def test_what_fits_into_no_order_is_named(kind, operations, stuck):
    order = find_order(kind, operations, 0 if kind == "counter" else None)
    assert (order.exists, order.stuck) == (False, operations[stuck])


def test_a_long_history_of_several_clients_with_open_writes_is_judged_in_no_time():
    operations = []
    for number in range(1500):
        operations += [write(f"v{number}", number, number + 0.6), read(f"v{number}", number + 0.5, number + 0.9)]
        if number % 100 == 0:
            operations.append(write(f"lost{number}", number))
    assert find_order("register", operations, None).exists is True


def test_many_open_writes_of_a_counter_do_not_multiply():
    operations = [write(None, number * 0.1) for number in range(60)]
    operations += [read(30, 10, 11), read(45, 12, 13), read(44, 14, 15)]
    assert find_order("counter", operations[:-1], 0).exists is True
    assert find_order("counter", operations, 0).exists is False


def test_a_search_that_takes_too_long_says_neither():
    assert find_order("register", [write("a", 0, 1)] * 5, None, steps_at_most=2).exists is None
