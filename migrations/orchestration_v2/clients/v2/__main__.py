"""`python -m orchestration_v2.clients.v2 --url URL`: shows the teams; on a v1 service the agents, and says so."""

import argparse
import sys
import uuid
from collections.abc import Iterator

import httpx

from orchestration_v2.clients.v2.sdk import NotOfferedError, RefusedError, TeamOrchestration

DEGRADED = 3


def overview(api: TeamOrchestration) -> Iterator[str]:
    """One line for each team, or for each agent where there are no teams."""
    try:
        capacity = api.capacity()
        for team in api.teams():
            share = capacity[team["team"]]
            yield f"team {team['team']}: {', '.join(team['members'])}, capacity {share['capacity']}"
    except NotOfferedError as error:
        yield f"degraded: {error}; agents are shown one by one, and no capacity by team"
        for agent in api.agents():
            yield f"agent {agent['id']}: capacity {agent['capacity']}"


def main() -> int:
    """Show the overview and hand a task out: 0 done, 1 the service was in the way, 3 teams were required and are not there."""
    parser = argparse.ArgumentParser(prog="orchestration-client-v2", description=__doc__)
    parser.add_argument("--url", required=True, help="where the service is, http://host:port")
    parser.add_argument("--require-teams", action="store_true", help="end with 3 on a service without teams")
    asked = parser.parse_args()
    try:
        with TeamOrchestration(asked.url) as api:
            if asked.require_teams and not api.offers_teams:
                print(f"a service of version {api.version} has no teams", file=sys.stderr)
                return DEGRADED
            for line in overview(api):
                print(line)
            print(f"a task was {api.hand_out('pm', 'by the new client', f'client-v2-{uuid.uuid4().hex[:12]}')}")
    except (RefusedError, httpx.HTTPError, httpx.InvalidURL, KeyError, TypeError, ValueError) as error:
        print(f"stopped: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
