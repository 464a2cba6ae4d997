"""Chooses a model for a task by its complexity; the same task and the same settings give the same model."""

from dataclasses import dataclass

from fleet_1_0_5.candidate.settings import ModelPart, Routing, Weights

FULL_TOKENS, FULL_STEPS, FULL_CONTEXT = 8000, 10, 10


@dataclass(frozen=True, slots=True)
class Size:
    """What is known of a task before it is done."""

    tokens: int
    steps: int
    context: int


@dataclass(frozen=True, slots=True)
class ModelSelection:
    """The model that does a task, and why."""

    modelName: str
    providerId: str
    complexity: float
    reason: str


class ComplexityAnalyzer:
    """Weighs tokens, structure and context, each from 0 to 1."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def complexity(self, size: Size) -> float:
        """0 to 1, to four digits, so that a sum of shares meets the edge of a range."""
        tokens = min(1.0, size.tokens / FULL_TOKENS)
        structure = min(1.0, size.steps / FULL_STEPS)
        context = min(1.0, size.context / FULL_CONTEXT)
        weights = self._weights
        score = weights.tokenWeighting * tokens + weights.structureWeighting * structure
        return round(min(1.0, score + weights.contextWeighting * context), 4)


class ModelRouter:
    """The cheapest enabled model whose range has the complexity, else the default model."""

    def __init__(self, routing: Routing) -> None:
        self._routing = routing
        self._analyzer = ComplexityAnalyzer(routing.complexity)

    def select(self, size: Size) -> ModelSelection:
        """The model for a task of that size."""
        return self.select_for(self._analyzer.complexity(size))

    def select_for(self, complexity: float) -> ModelSelection:
        """The model for a complexity."""
        fitting = [model for model in self.enabled() if _covers(model, complexity)]
        if fitting:
            return _selection(self.cheapest(fitting), complexity, "cheapest enabled model in range")
        return _selection(self.default(), complexity, "no enabled model in range")

    def downgraded(self, complexity: float) -> ModelSelection:
        """The cheapest enabled model, for when the budget is used up."""
        return _selection(self.cheapest(self.enabled() or [self.default()]), complexity, "budget used up")

    def default(self) -> ModelPart:
        """The default model."""
        return self.model(self._routing.defaultModel)

    def model(self, name: str) -> ModelPart:
        """The model of a name; the settings make sure that there is one."""
        return next(model for model in self._routing.models if model.name == name)

    def enabled(self) -> list[ModelPart]:
        """The models that may be chosen."""
        return [model for model in self._routing.models if model.enabled]

    def cheapest(self, models: list[ModelPart]) -> ModelPart:
        """The model that costs least; of two at one price the first by name."""
        return min(models, key=lambda model: (_price(model), model.name))


def _covers(model: ModelPart, complexity: float) -> bool:
    return model.complexityRange.min <= complexity <= model.complexityRange.max


def _price(model: ModelPart) -> float:
    return model.capabilities.costPer1kTokens.input + model.capabilities.costPer1kTokens.output


def _selection(model: ModelPart, complexity: float, reason: str) -> ModelSelection:
    return ModelSelection(model.name, model.model, complexity, reason)
