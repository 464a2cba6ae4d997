"""Turns a fleet.yaml of 1.0.4 into one of 1.0.5, with every feature off; loses neither keys nor what nobody told it of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_MODEL = "claude-sonnet-4.5"
FEATURES = ("multiModelRouter", "streaming")
# name, provider id, USD in and out, complexity from and to
MODELS = (
    ("claude-opus-4", "claude-opus-4-20250514", 15.00, 75.00, 0.7, 1.0),
    ("claude-sonnet-4.5", "claude-sonnet-4-5-20250929", 3.00, 15.00, 0.3, 0.8),
    ("claude-haiku-4", "claude-haiku-4-20250110", 0.80, 4.00, 0.0, 0.4),
)
NAMES = {name: name for name, *_ in MODELS} | {provider_id: name for name, provider_id, *_ in MODELS}


class ConversionError(ValueError):
    """What was given is no configuration of a fleet."""


@dataclass(slots=True)
class Converted:
    """The new configuration, and what its owner has to know."""

    document: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def convert(document: Any) -> Converted:
    """The configuration for 1.0.5; one that is for 1.0.5 already comes back as it is. Raises ConversionError.

    The key of the API moves to providers.anthropic.apiKey. A model that 1.0.5 does not list becomes the one that 1.0.4
    used in truth. Keys of a features block other than the two switches are kept.
    """
    if not isinstance(document, Mapping):
        raise ConversionError("no mapping of keys to values")
    if is_converted(document):
        return Converted(dict(document), ["it is of version 1.0.5 already; nothing was changed"])
    converted = Converted({name: value for name, value in document.items() if name != "ai"})
    _switch_features_off(converted)
    _move_ai(converted, document.get("ai"))
    converted.document["streaming"] = streaming_block() | _kept(document, "streaming") | {"enabled": False}
    return converted


def is_converted(document: Mapping[str, Any]) -> bool:
    """Whether a configuration has what 1.0.5 asks for and nothing that only 1.0.4 has."""
    return "ai" not in document and all(isinstance(document.get(name), Mapping) for name in ("features", "streaming"))


def routing_block(default_model: str) -> dict[str, Any]:
    """The router's part, switched off."""
    return {
        "enabled": False,
        "defaultModel": default_model,
        "models": [_model(*words) for words in MODELS],
        "complexity": {"tokenWeighting": 0.4, "structureWeighting": 0.3, "contextWeighting": 0.3},
        "costTracking": {
            "enabled": False,
            "budgetLimits": {"daily": 100.00, "monthly": 2000.00},
            "alertThresholds": {"dailyPercent": 80, "monthlyPercent": 90},
        },
    }


def streaming_block() -> dict[str, Any]:
    """Streaming's part, switched off."""
    return {
        "enabled": False,
        "bufferSize": 1024,
        "backpressureThreshold": 0.8,
        "timeoutMs": 30000,
        "retryConfig": {"maxRetries": 3, "backoffMs": 1000, "backoffMultiplier": 2},
    }


def _switch_features_off(converted: Converted) -> None:
    kept = _kept(converted.document, "features")
    for name in FEATURES:
        if kept.get(name):
            converted.notes.append(f"features.{name} was {kept[name]!r} and is false now")
    converted.document["features"] = kept | dict.fromkeys(FEATURES, False)


def _move_ai(converted: Converted, ai: Any) -> None:
    ai = ai if isinstance(ai, Mapping) else {}
    routing = _kept(converted.document, "routing")
    if ai.get("model"):
        name = NAMES.get(str(ai["model"]))
        if name is None:
            listed = ", ".join(name for name, *_ in MODELS)
            converted.notes.append(
                f"ai.model {ai['model']!r} is none of {listed}; the default is {DEFAULT_MODEL}, which 1.0.4 used"
            )
        routing = routing_block(name or DEFAULT_MODEL) | routing
    if routing:
        converted.document["routing"] = routing | {"enabled": False}
    if ai.get("apiKey"):
        providers = _kept(converted.document, "providers")
        anthropic = _kept(providers, "anthropic") | {"apiKey": ai["apiKey"]}
        converted.document["providers"] = providers | {"anthropic": anthropic}
        converted.notes.append("ai.apiKey is providers.anthropic.apiKey now")
    for name in sorted(str(name) for name in set(ai) - {"model", "apiKey"}):
        converted.notes.append(f"ai.{name} means nothing to 1.0.5 and is left out")


def _kept(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    block = document.get(name)
    return dict(block) if isinstance(block, Mapping) else {}


def _model(name: str, model: str, usd_in: float, usd_out: float, least: float, most: float) -> dict[str, Any]:
    return {
        "name": name,
        "provider": "anthropic",
        "model": model,
        "capabilities": {
            "maxTokens": 200000,
            "supportsStreaming": True,
            "costPer1kTokens": {"input": usd_in, "output": usd_out},
        },
        "complexityRange": {"min": least, "max": most},
        "enabled": True,
    }
