"""What the stub's models say and what it costs, by prompt alone; has neither clock nor chance."""

import hashlib
from dataclasses import dataclass

PRICED_TOKENS = 1_000_000
TOKENS_A_LINE = 50
MOST_LINES = 40


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its id at the provider, what a million tokens cost in USD, how long it takes to begin, in milliseconds."""

    id: str
    input_usd: float
    output_usd: float
    latency_ms: float


MODELS = {
    model.id: model
    for model in (
        Model("claude-haiku-4-20250110", 0.80, 4.00, 3.0),
        Model("claude-sonnet-4-5-20250929", 3.00, 15.00, 5.0),
        Model("claude-opus-4-20250514", 15.00, 75.00, 8.0),
    )
}


def lines_of(prompt: str, output_tokens: int) -> list[str]:
    """The answer, line by line; as many lines as the tokens fill, MOST_LINES at most."""
    count = max(1, min(MOST_LINES, output_tokens // TOKENS_A_LINE))
    digest = hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()
    return [f"{number + 1}. {digest[number % 56 : number % 56 + 8]}\n" for number in range(count)]


def usd(model: Model, input_tokens: int, output_tokens: int) -> float:
    """What the provider bills."""
    return (input_tokens * model.input_usd + output_tokens * model.output_usd) / PRICED_TOKENS
