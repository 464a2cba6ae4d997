"""What config.yaml and registry.yaml have to look like; judges a value and reads no file."""

from typing import Any

MODES = ["blocking", "partial", "autonomous"]
LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
PERMISSIONS = {"read", "write", "test", "commit", "review", "deploy", "notify"}

GLOBAL_CONFIG_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["version", "created", "installation"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "1.0"},
        "created": {"type": "string", "minLength": 19},
        "installation": {
            "type": "object",
            "required": ["id", "method", "package_version"],
            "additionalProperties": False,
            "properties": {
                "id": {
                    "type": "string",
                    "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
                },
                "method": {"enum": ["migration", "init", "regenerated"]},
                "package_version": {"type": "string"},
            },
        },
        "global": {
            "type": "object",
            "required": ["user_profile", "default_mode", "log_level", "max_concurrent_projects"],
            "additionalProperties": False,
            "properties": {
                "user_profile": {"enum": ["solo-engineer", "team-engineer"]},
                "default_mode": {"enum": MODES},
                "log_level": {"enum": LEVELS},
                "max_concurrent_projects": {"type": "integer", "minimum": 1},
            },
        },
        "ai_provider": {
            "type": "object",
            "properties": {"max_tokens": {"type": "integer"}, "credential": {"type": "string"}},
        },
        "discord": {"type": "object", "properties": {"enabled": {"type": "boolean"}, "guild_id": {"type": "string"}}},
        "agents": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["permissions"],
                "properties": {"permissions": {"type": "array", "items": {"type": "string"}}},
            },
        },
        "legacy_extra": {"type": "object"},
    },
}

REGISTRY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["version", "created", "projects"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "1.0"},
        "created": {"type": "string"},
        "projects": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["path"],
                "properties": {
                    "path": {"type": "string", "minLength": 1},
                    "default_mode": {"enum": MODES},
                    "discord_channel": {"type": "object"},
                },
            },
        },
    },
}


class ConfigurationValidator:
    """Validates a value against a schema."""

    def validate(self, config: Any, schema: dict[str, Any]) -> None:
        """ValueError with the place of the first thing that is wrong."""
        from jsonschema import Draft202012Validator

        for error in sorted(Draft202012Validator(schema).iter_errors(config), key=lambda e: list(map(str, e.path))):
            raise ValueError(f"{'/'.join(str(part) for part in error.path) or 'top'}: {error.message}")
