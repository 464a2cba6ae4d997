"""What tasks have cost: totals by day and model from a fleet's memory, recomputed from token counts; it changes nothing."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fleet_1_0_5.tools.refusals import RefusedError

COSTS = "routing/costs"
PRICES = {"claude-haiku-4": (0.80, 4.00), "claude-sonnet-4.5": (3.00, 15.00), "claude-opus-4": (15.00, 75.00)}
PRICED_TOKENS = 1_000_000
SINGLE = "claude-sonnet-4.5"


@dataclass(frozen=True, slots=True)
class Analysis:
    """Records of a period: how many, what the ledger says, what the tokens come to, what one model would have cost."""

    records: int
    days: int
    usd: float
    recomputed_usd: float
    single_usd: float

    @property
    def saving_percent(self) -> float:
        """Saved against the single model."""
        return 100 * (1 - self.usd / self.single_usd) if self.single_usd else 0.0


def price(model: str, input_tokens: int, output_tokens: int) -> float:
    """What so many tokens cost; refuses a model without a price."""
    if model not in PRICES:
        raise RefusedError(f"there is no price of model {model!r}; there are {', '.join(PRICES)}")
    into, out = PRICES[model]
    return (input_tokens * into + output_tokens * out) / PRICED_TOKENS


def records(database: Path) -> list[dict[str, Any]]:
    """Every cost record of a fleet's memory."""
    if not database.is_file():
        raise RefusedError(f"{database}: no such database")
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        query = "select value from memory_entries where partition = ? order by key"
        return [json.loads(row[0]) for row in connection.execute(query, (COSTS,))]


def analyse(found: list[dict[str, Any]], period_days: int, until: datetime) -> Analysis:
    """The records of the last `period_days` days before `until`."""
    since = until - timedelta(days=period_days)
    chosen = [each for each in found if since < moment(each) <= until]
    if not chosen:
        raise RefusedError(f"no cost record in the last {period_days} days; is cost tracking on?")
    return Analysis(
        records=len(chosen),
        days=len({moment(each).date() for each in chosen}),
        usd=sum(float(each["usd"]) for each in chosen),
        recomputed_usd=sum(price(each["model"], each["inputTokens"], each["outputTokens"]) for each in chosen),
        single_usd=sum(price(SINGLE, each["inputTokens"], each["outputTokens"]) for each in chosen),
    )


def moment(record: dict[str, Any]) -> datetime:
    """When a record was made."""
    return datetime.fromisoformat(record["ts"])
