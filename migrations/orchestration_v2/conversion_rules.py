"""Rules of the conversion that the plan's mappings name; written from the documents, not from the tools."""

TEAM_OF = {
    "backend-engineer": "engineering-fullstack",
    "frontend-engineer": "engineering-fullstack",
    "ui-designer": "engineering-ux",
    "ux-researcher": "engineering-ux",
    "test-engineer": "qa-analyst",
    "qa-specialist": "qa-analyst",
    "devops-engineer": "devops-infrastructure",
    "sre": "devops-infrastructure",
    "pm": "product-manager",
    "product-owner": "product-manager",
}


def topic(role: str) -> str:
    """The topic on which the team of a role publishes."""
    return f"{TEAM_OF[role]}.messages"


def edge(agent: str, other: str) -> list[str]:
    """Who talks to whom."""
    return [agent, other]
