"""Models by complexity and the money that they cost: edges of ranges, ties, alerts and the end of a budget."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fleet_1_0_5.candidate.costs import CostTracker, price_of
from fleet_1_0_5.candidate.memory import SwarmMemoryManager
from fleet_1_0_5.candidate.routing import ComplexityAnalyzer, ModelRouter, Size
from fleet_1_0_5.candidate.settings import MODELS, Budgets, CostTracking, Routing, Weights
from plumbing.store import open_engine

HAIKU, SONNET, OPUS = "claude-haiku-4", "claude-sonnet-4.5", "claude-opus-4"

CHOSEN = [
    *((complexity, HAIKU) for complexity in (0.0, 0.29, 0.3, 0.4)),
    *((complexity, SONNET) for complexity in (0.4001, 0.7, 0.8)),
    *((complexity, OPUS) for complexity in (0.8001, 1.0)),
]


def with_models(**enabled: bool) -> ModelRouter:
    """A router some of whose models are off."""
    models = tuple(
        model.model_copy(update={"enabled": enabled.get(model.name.split("-")[1], True)}) for model in MODELS
    )
    return ModelRouter(Routing(models=models))


@pytest.mark.parametrize(("complexity", "model"), CHOSEN)
def test_the_cheapest_model_in_range_is_chosen(complexity: float, model: str) -> None:
    assert ModelRouter(Routing()).select_for(complexity).modelName == model


def test_a_model_that_is_off_is_not_chosen() -> None:
    assert with_models(haiku=False).select_for(0.35).modelName == SONNET
    assert with_models(haiku=False).select_for(0.1).modelName == SONNET
    assert with_models(opus=False).select_for(0.9).reason == "no enabled model in range"
    assert with_models(haiku=False).downgraded(0.9).modelName == SONNET


def test_the_order_of_the_models_means_nothing() -> None:
    routers = [ModelRouter(Routing(models=models)) for models in (MODELS, MODELS[::-1])]
    for step in range(101):
        assert routers[0].select_for(step / 100) == routers[1].select_for(step / 100)


@pytest.mark.parametrize(
    ("size", "complexity"),
    [
        (Size(0, 0, 0), 0.0),
        (Size(8000, 0, 0), 0.4),
        (Size(80_000, 0, 0), 0.4),
        (Size(0, 10, 0), 0.3),
        (Size(0, 0, 10), 0.3),
        (Size(1600, 0, 0), 0.08),
        (Size(8000, 10, 10), 1.0),
        (Size(2000, 5, 5), 0.4),
    ],
)
def test_complexity_weighs_tokens_structure_and_context(size: Size, complexity: float) -> None:
    assert ComplexityAnalyzer(Weights()).complexity(size) == complexity


def test_prices_are_for_the_unit_that_the_configuration_says() -> None:
    price = next(model for model in MODELS if model.name == SONNET).capabilities.costPer1kTokens
    assert price_of(price, 1_000_000, 1000, 600) == pytest.approx(0.012)
    assert price_of(price, 1000, 1000, 600) == pytest.approx(12.0)


class Kept:
    """A tracker on a store, with a clock that the test turns and the alerts that it heard."""

    def __init__(self, folder: Path) -> None:
        self.memory = SwarmMemoryManager(open_engine(f"sqlite:///{folder / 'costs.db'}"))
        self.moment = datetime(2025, 10, 16, 23, 0, tzinfo=UTC)
        self.heard: list[str] = []
        self.seconds = 0.0
        self.tracker = self.again()

    def again(self) -> CostTracker:
        """A tracker as after a restart, or in another service."""
        return CostTracker(self.memory, self.heard.append, lambda: self.moment, lambda: self.seconds)

    def spend(self, usd: float) -> None:
        """One more task."""
        self.tracker.record(f"task-{len(self.tracker.records())}", SONNET, (1, 1), usd)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


TEN = CostTracking(budgetLimits=Budgets(daily=10, monthly=200))


def test_an_alert_is_told_at_eighty_percent_of_the_day_and_once(kept: Kept) -> None:
    kept.spend(7.99)
    kept.tracker.alert(TEN)
    assert kept.heard == []
    kept.spend(0.01)
    for _ in range(2):
        kept.tracker.alert(TEN)
    assert kept.heard == ["daily"]
    assert [alert["percent"] for alert in kept.tracker.alerts()] == [80.0]


def test_an_alert_is_told_at_ninety_percent_of_the_month(kept: Kept) -> None:
    narrow = CostTracking(budgetLimits=Budgets(daily=1000, monthly=10))
    kept.spend(8.99)
    kept.tracker.alert(narrow)
    assert kept.heard == []
    kept.spend(0.01)
    kept.tracker.alert(narrow)
    assert kept.heard == ["monthly"]


@pytest.mark.parametrize(("usd", "used_up"), [(9.99, None), (10.0, "daily"), (12.0, "daily")])
def test_a_budget_is_used_up_at_a_hundred_percent(kept: Kept, usd: float, used_up: str | None) -> None:
    kept.spend(usd)
    found = kept.tracker.used_up(TEN)
    assert (found and found.period) == used_up


def test_a_new_day_has_a_new_budget_and_the_month_goes_on(kept: Kept) -> None:
    kept.spend(10)
    kept.moment = datetime(2025, 10, 17, 0, 0, tzinfo=UTC)
    assert [budget.usd for budget in kept.tracker.spent(TEN)] == [0.0, 10.0]
    kept.moment = datetime(2025, 11, 1, 0, 0, tzinfo=UTC)
    assert [budget.usd for budget in kept.tracker.spent(TEN)] == [0.0, 0.0]


def test_a_restart_forgets_no_money(kept: Kept) -> None:
    kept.spend(3)
    kept.spend(4)
    assert kept.again().spent(TEN)[0].usd == pytest.approx(7.0)


def test_what_another_service_spends_counts_half_a_second_later_and_once(kept: Kept) -> None:
    other = kept.again()
    kept.spend(3)
    assert other.spent(TEN)[0].usd == pytest.approx(3.0)
    for number in range(5):
        kept.spend(1)
        other.record(f"other-{number}", SONNET, (1, 1), 0.1)
    assert other.spent(TEN)[0].usd == pytest.approx(3.5)
    for _ in range(3):
        kept.seconds += 0.5
        assert [tracker.spent(TEN)[0].usd for tracker in (kept.tracker, other)] == pytest.approx([8.5, 8.5])


def test_a_budget_of_nothing_is_used_up(kept: Kept) -> None:
    assert kept.tracker.used_up(CostTracking(budgetLimits=Budgets(daily=0, monthly=1))) is not None


def test_a_record_has_what_the_document_lists(kept: Kept) -> None:
    record: dict[str, Any] = kept.tracker.record("task-1", OPUS, (10, 20), 0.5)
    assert list(record) == ["taskId", "model", "inputTokens", "outputTokens", "usd", "ts"]
    assert kept.memory.partitions() == ["routing/costs"]
