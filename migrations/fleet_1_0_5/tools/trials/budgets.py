"""Trials of the budgets: the alert at its threshold and not before, the end of the budget, and nothing where costs are not tracked."""

from pathlib import Path

from fleet_1_0_5.tools.trials.routing import ON, ORDER, costs_of
from fleet_1_0_5.tools.trials.sentences import Sentences
from fleet_1_0_5.tools.trials.standing import Service, standing

LIMITS = "routing.costTracking.budgetLimits"
ENVIRONMENTS = {"fleet.test.yaml": (10.0, 200.0), "fleet.beta.yaml": (5.0, 100.0), "fleet.prod.yaml": (100.0, 2000.0)}


def alerts(say: Sentences, folder: Path) -> None:
    """An alert at 80 % of the daily and at 90 % of the monthly budget, each once, and none before."""
    with standing("candidate", folder, config="fleet.test.yaml", changes=ON) as fleet:
        spend(fleet, 7.9)
        say.same("at 79 % of the daily budget nobody is told", told(fleet), [])
        spend(fleet, 0.1)
        say.same("at 80 % of the daily budget somebody is told", told(fleet), ["daily"])
        spend(fleet, 1.0)
        say.same("and only once a day", told(fleet), ["daily"])
    monthly = {**ON, f"{LIMITS}.daily": 1000.0, f"{LIMITS}.monthly": 200.0}
    with standing("candidate", folder, config="fleet.test.yaml", changes=monthly) as fleet:
        spend(fleet, 178.0)
        say.same("at 89 % of the monthly budget nobody is told", told(fleet), [])
        spend(fleet, 2.0)
        say.same("at 90 % of the monthly budget somebody is told", told(fleet), ["monthly"])


def enforcement(say: Sentences, folder: Path) -> None:
    """Up to 100 % tasks are done, past it none; for the budgets of every environment, daily and monthly."""
    for place, period in enumerate(("daily", "monthly")):
        with standing("candidate", folder, config="fleet.beta.yaml", changes=ON) as fleet:
            spent = 0.0
            for name in ("fleet.beta.yaml", "fleet.test.yaml", "fleet.prod.yaml"):
                limit = ENVIRONMENTS[name][place]
                others = {} if period == "daily" else {f"{LIMITS}.daily": 1e6}
                fleet.take(name, {**ON, **others})
                found = fleet.get("/admin/costs")["budgets"][period]["limit"]
                say.same(f"the {period} budget of {name} is {limit:g} USD", found, limit)
                spend(fleet, limit * 0.99 - spent)
                first = fleet.ask("POST", "/tasks", ORDER)
                say.same(f"at 99 % of it a task is done ({name})", first.status, 201)
                spend(fleet, limit * 0.01)
                second = fleet.ask("POST", "/tasks", ORDER)
                say.say(f"past 100 % of it no task is done ({name})", 400 <= second.status < 500, second)
                say.say("the refusal names the budget", "budget" in second.text, second.text)
                spent = fleet.get("/admin/costs")["budgets"][period]["spent"]


def untracked(say: Sentences, folder: Path) -> None:
    """Where costs are not tracked there is no record and no end of the budget; switched on, both come without a restart."""
    changes = {**ON, "routing.costTracking.enabled": False}
    with standing("candidate", folder, config="fleet.test.yaml", changes=changes) as fleet:
        say.same("a task is done", fleet.ask("POST", "/tasks", ORDER).status, 201)
        say.same("and leaves no cost record", costs_of(fleet), [])
        fleet.ask("PUT", "/admin/flags", {"costTracking": True})
        say.same("after switching on, a task is done", fleet.ask("POST", "/tasks", ORDER).status, 201)
        say.same("and leaves a cost record", len(costs_of(fleet)), 1)
        streamed = fleet.ask("PUT", "/admin/flags", {"streaming": True, "streamingEnabled": True})
        say.same("streaming is switched on", streamed.status, 200)
        fleet.stream("/tasks", ORDER)
        say.same("a streamed task leaves a cost record, too", len(costs_of(fleet)), 2)


def spend(fleet: Service, usd: float) -> None:
    """Have so much been spent."""
    fleet.ask("POST", "/admin/spend", {"usd": usd})


def told(fleet: Service) -> list[str]:
    """The periods of the alerts so far."""
    return sorted(each["period"] for each in fleet.get("/admin/costs")["alerts"])
