"""The V2 orchestration engine: commands change the state through the state manager and are told to all teams as events."""

import sys
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from orchestration_v2.candidate import adoption, documents, scan, views
from orchestration_v2.candidate.bus import BusError, Event, EventBus
from orchestration_v2.candidate.documents import TEAM_OF_ROLE
from orchestration_v2.candidate.refusals import Declined
from orchestration_v2.candidate.state import State, StateManager
from orchestration_v2.candidate.store import event_log, idempotency, messages, work_items
from orchestration_v2.candidate.teams import Roster, carries
from plumbing.faults import Faults
from plumbing.identifiers import Identifiers, now_text
from plumbing.metrics import ServiceMetrics, SpoiledRows

RUN_RESULT = views.stored({"output": "done"})


class V2OrchestrationEngine:
    """Teams behind one state manager and one event bus."""

    def __init__(self, state: StateManager, bus: EventBus, metrics: ServiceMetrics, identifiers: Identifiers) -> None:
        self.state = state
        self.bus = bus
        self.metrics = metrics
        self.faults = Faults(lambda: scan.damage(state), lambda: scan.repair(state))
        self._new_id = identifiers.new
        self._spoiled = SpoiledRows(metrics)

    async def start(self) -> None:
        """Begins to process events."""
        await self.bus.start(self.process)

    async def stop(self) -> None:
        """Processes what the bus has taken, then ends it."""
        await self.bus.stop()

    def process(self, events: Sequence[Event]) -> None:
        """Writes a batch of events into the log, under the team that publishes the topic if none is named."""
        with self.state.writing() as state:
            unnamed = {event.topic for event in events if event.team is None}
            publishers = {s["topic"]: s["publisher_team"] for s in state.subscriptions()} if unnamed else {}
            state.add(
                event_log,
                [
                    {
                        "topic": event.topic,
                        "team": event.team or publishers.get(event.topic),
                        "payload": views.stored(event.payload) or "null",
                        "at": event.at,
                    }
                    for event in events
                ],
            )
        self.metrics.events.inc(len(events))

    async def tell(self, topic: str, items: Sequence[dict[str, Any]]) -> None:
        """Tells the teams what became of items; without a bus the log is written at once, so that nothing is lost."""
        at = now_text()
        events = [Event(topic, TEAM_OF_ROLE.get(item.get("agent") or ""), {"id": item["id"]}, at) for item in items]
        try:
            await self.bus.publish(events)
        except BusError as error:
            print(f"events go past the bus: {error}", file=sys.stderr)
            self.process(events)

    async def accept_events(self, body: documents.NewEvents) -> int:
        """Hands events to the bus; raises BusError when it does not take them."""
        at = now_text()
        await self.bus.publish([Event(event.topic, event.team, event.payload, at) for event in body.events])
        return len(body.events)

    async def create_task(self, new: documents.NewTask, key: str | None) -> tuple[dict[str, Any], bool]:
        """The task's view, and whether it was made by this call."""
        with self.state.writing() as state:
            earlier = state.task_of_key(key) if key else None
            if earlier is not None:
                return views.task_view(earlier), False
            [item] = self._submit(state, [new], ["workflow_id"], run=False)
            if key:
                state.add(idempotency, [{"key": key, "item_id": item["id"]}])
        view = views.task_view(item)
        await self.tell("task.claimed" if view["agent"] else "task.opened", [view])
        return view, True

    async def create_batch(self, batch: documents.NewBatch) -> list[str]:
        """Ids of the new tasks in the order of the batch."""
        with self.state.writing() as state:
            names = [f"tasks.{place}.workflow_id" for place in range(len(batch.tasks))]
            items = self._submit(state, batch.tasks, names, run=batch.run)
        if batch.run:
            self.metrics.tasks_completed.inc(len(items))
        await self.tell("task.done" if batch.run else "task.submitted", [views.task_view(item) for item in items])
        return [item["id"] for item in items]

    async def close_task(self, identifier: str, ending: documents.Ending) -> dict[str, Any]:
        """The view of the task after its end."""
        with self.state.writing() as state:
            item = state.task(identifier)
            if item is None:
                raise Declined.missing("task", identifier)
            if item["status"] not in {"open", "claimed"}:
                raise Declined.conflict("task_closed", f"task {identifier!r} has ended before")
            change = {"status": "done" if ending.success else "failed", "result": views.stored(ending.result)}
            state.change(identifier, **change)
            view = views.task_view(dict(item) | change)
        if ending.success:
            self.metrics.tasks_completed.inc()
        await self.tell("task.done" if ending.success else "task.failed", [view])
        return view

    async def delete_task(self, identifier: str) -> None:
        """Hides a task."""
        with self.state.writing() as state:
            item = state.task(identifier)
            if item is None:
                raise Declined.missing("task", identifier)
            state.change(identifier, deleted=True)
        await self.tell("task.removed", [views.task_view(item)])

    async def send_message(self, new: documents.NewMessage) -> str:
        """The id of a message that a subscription carried to the recipient's team."""
        with self.state.writing() as state:
            if not carries(state.subscriptions(), new.sender, new.recipient):
                text = f"no subscription leads from {new.sender} to {new.recipient}"
                raise Declined.conflict("not_connected", text)
            message = new.model_dump() | {"id": self._new_id("message"), "sent_at": now_text()}
            teams = {"sender_team": TEAM_OF_ROLE[new.sender], "recipient_team": TEAM_OF_ROLE[new.recipient]}
            state.add(messages, [message | teams])
        await self.tell("message.sent", [{"id": message["id"], "agent": new.sender}])
        return str(message["id"])

    def agents(self) -> list[dict[str, Any]]:
        """Roles as the agents that v1 knew."""
        with self.state.reading() as state:
            desks = state.roster().desks
        return [
            {"id": role, "role": role, "capacity": d.capacity, "load": d.used, "talks_to": list(d.talks_to)}
            for role, d in desks.items()
        ]

    def inbox(self, role: str) -> list[dict[str, Any]]:
        """Messages to a role, newest last."""
        with self.state.reading() as state:
            if role not in state.roles():
                raise Declined.missing("agent", role)
            return [views.message_view(message) for message in state.inbox(role)]

    def integrity(self) -> dict[str, Any]:
        """The result of a scan."""
        self.note_damage()
        with self.state.reading() as state:
            return scan.integrity(state)

    def note_damage(self) -> None:
        """Tells the metrics which rows are spoiled."""
        with self.state.reading() as state:
            self._spoiled.found(scan.damaged_ids(state))

    def adopt(self, body: documents.ReplicaBody) -> None:
        """Takes records of the other side."""
        with self.state.writing() as state:
            adoption.adopt(state, body)

    def records(self, wanted: documents.RecordsWanted) -> list[dict[str, Any]]:
        """Records for the other side."""
        with self.state.reading() as state:
            return adoption.records(state, wanted)

    def _submit(
        self, state: State, tasks: Sequence[documents.NewTask], names: Sequence[str], *, run: bool
    ) -> list[dict[str, Any]]:
        begun = time.perf_counter()
        known = state.known_workflows({task.workflow_id for task in tasks if task.workflow_id is not None})
        pairs = zip(names, tasks, strict=True)
        unknown = [name for name, task in pairs if task.workflow_id is not None and task.workflow_id not in known]
        if unknown:
            text = f"{unknown[0]}: there is no such workflow"
            raise Declined(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_task", text, unknown)
        roster = state.roster(hold=True)
        items = [self._claimed(task, roster, run=run) for task in tasks]
        state.add(work_items, items)
        seconds = (time.perf_counter() - begun) / len(items)
        for _ in items:
            self.metrics.delegation_seconds.observe(seconds)
        return items

    def _claimed(self, task: documents.NewTask, roster: Roster, *, run: bool) -> dict[str, Any]:
        role = roster.claim(task)
        if role and not run:
            roster.take(role)
        return {
            "id": self._new_id("task"),
            "kind": "task",
            "title": task.title,
            "team": TEAM_OF_ROLE[role] if role else None,
            "role": role,
            "status": "done" if run else "claimed" if role else "open",
            "priority": task.priority,
            "parent_id": task.workflow_id,
            "critical": None,
            "owner": task.created_by,
            "created_at": now_text(),
            "estimate": task.estimate,
            "deleted": False,
            "result": RUN_RESULT if run else None,
            "notes": task.notes,
        }
