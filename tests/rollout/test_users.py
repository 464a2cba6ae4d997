"""Made-up users."""

from collections import Counter

import pytest

from godwit.plan import Users
from godwit.rollout import shaped, users
from godwit.verdict import GodwitError


def test_the_same_seed_gives_the_same_users_and_another_seed_others():
    spec = Users(count=500, teams={"qa": 10.0})
    assert users(spec, 3) == users(spec, 3)
    assert users(spec, 3) != users(spec, 4)


def test_ids_are_unique():
    made = users(Users(count=5000), 1)
    assert len({who for who, _ in made}) == 5000


@pytest.mark.parametrize(
    "teams",
    [
        pytest.param({"qa": 10.0, "ops": 5.0}, id="percent"),
        pytest.param({"qa": 0.1, "ops": 0.05}, id="fractions"),
    ],
)
def test_team_shares_are_met_exactly(teams):
    counts = Counter(team for _, team in users(Users(count=1000, teams=teams), 1))
    assert counts == {"qa": 100, "ops": 50, "": 850}


def test_shares_that_are_all_leave_nobody_without_a_team():
    counts = Counter(team for _, team in users(Users(count=100, teams={"a": 33.3, "b": 33.3, "c": 33.4}), 1))
    assert set(counts) == {"a", "b", "c"}


def test_shares_of_more_than_everybody_are_refused():
    with pytest.raises(GodwitError, match="add up"):
        users(Users(count=10, teams={"a": 80.0, "b": 30.0}), 1)


def test_ids_of_every_shape_are_dealt_out_by_turns_and_stay_the_same_for_a_seed():
    made = users(Users(count=9, teams={"qa": 1.0}), 1)
    turned = shaped(made, ("made-up", "numbers", "uuids", "mails"), 1)
    ids = [who for who, _ in turned]
    assert ids[0] == made[0][0]
    assert ids[1::4] == ["100001", "100002"]
    assert [len(each) for each in ids[2::4]] == [36, 36]
    assert ids[3::4] == ["user0@example.com", "user1@example.com"]
    assert [team for _, team in turned] == [team for _, team in made]
    assert turned == shaped(made, ("made-up", "numbers", "uuids", "mails"), 1)
