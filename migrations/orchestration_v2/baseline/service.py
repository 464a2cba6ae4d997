"""The V1 orchestration engine: each public call is one transaction on the store and tells the metrics; knows no HTTP."""

import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from orchestration_v2.baseline import agents, integrity, replication, tasks, workflows
from orchestration_v2.baseline.documents import BatchOrder, Completion, MessageOrder, TaskOrder, WorkflowOrder
from orchestration_v2.baseline.refusals import RefusalError, not_found
from orchestration_v2.baseline.store import messages
from orchestration_v2.baseline.store import tasks as task_table
from plumbing.faults import Faults
from plumbing.identifiers import Identifiers, now_text
from plumbing.metrics import ServiceMetrics, SpoiledRows
from plumbing.store import writing


class V1OrchestrationEngine:
    """Agents that call each other directly, on one store."""

    def __init__(self, engine: sa.Engine, metrics: ServiceMetrics, identifiers: Identifiers) -> None:
        self.metrics = metrics
        self.faults = Faults(lambda: integrity.spoil(engine), lambda: integrity.mend(engine))
        self._engine = engine
        self._new_id = identifiers.new
        self._spoiled = SpoiledRows(metrics)

    def count_tasks(self) -> int:
        """Tasks that callers can see; raises sqlalchemy's errors when the store cannot be used."""
        with self._engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(task_table).where(sa.not_(task_table.c.deleted))
            return connection.scalar(query) or 0

    def agents(self) -> list[dict[str, Any]]:
        """All agents in the order of their ids."""
        with self._engine.connect() as connection:
            return [agent.model_dump() for agent in agents.busy_agents(connection).values()]

    def agent(self, identifier: str) -> dict[str, Any]:
        """One agent; raises RefusalError with 404."""
        found = [agent for agent in self.agents() if agent["id"] == identifier]
        if not found:
            raise not_found("agent", identifier)
        return found[0]

    def inbox(self, identifier: str) -> list[dict[str, Any]]:
        """Messages to an agent, newest last; raises RefusalError with 404."""
        self.agent(identifier)
        with self._engine.connect() as connection:
            return agents.inbox(connection, identifier)

    def create_task(self, order: TaskOrder, key: str | None) -> tuple[dict[str, Any], bool]:
        """The view of the task, and whether it is new: the same key makes one task only."""
        with writing(self._engine) as connection:
            known = tasks.task_by_key(connection, key) if key else None
            if known:
                return tasks.task_view(known), False
            tasks.refuse_unknown_workflows(connection, [order], batch=False)
            [row] = self._delegate(connection, [order], run=False)
            if key:
                tasks.keep_key(connection, key, row["id"])
        self.metrics.events.inc()
        return tasks.task_view(row), True

    def create_batch(self, batch: BatchOrder) -> list[str]:
        """Ids of the new tasks in the order of the batch."""
        with writing(self._engine) as connection:
            tasks.refuse_unknown_workflows(connection, batch.tasks, batch=True)
            rows = self._delegate(connection, batch.tasks, run=batch.run)
        self.metrics.events.inc(len(rows))
        self.metrics.tasks_completed.inc(len(rows) if batch.run else 0)
        return [row["id"] for row in rows]

    def task(self, identifier: str) -> dict[str, Any]:
        """One task; raises RefusalError with 404."""
        with self._engine.connect() as connection:
            return tasks.task_view(tasks.task_by_id(connection, identifier))

    def task_page(self, wanted: dict[str, str | None], limit: int, cursor: str | None) -> dict[str, Any]:
        """One page of tasks."""
        with self._engine.connect() as connection:
            found, following = tasks.page_of_tasks(connection, wanted=wanted, limit=limit, cursor=cursor)
        return {"tasks": found, "next": following}

    def close_task(self, identifier: str, completion: Completion) -> dict[str, Any]:
        """Ends a task; raises RefusalError with 404 or 409."""
        with writing(self._engine) as connection:
            view = tasks.close_task(connection, identifier, completion)
        self.metrics.events.inc()
        self.metrics.tasks_completed.inc(1 if completion.success else 0)
        return view

    def delete_task(self, identifier: str) -> None:
        """Hides a task; raises RefusalError with 404."""
        with writing(self._engine) as connection:
            tasks.hide_task(connection, identifier)
        self.metrics.events.inc()

    def create_workflow(self, order: WorkflowOrder) -> dict[str, Any]:
        """Stores a workflow."""
        with writing(self._engine) as connection:
            view = workflows.make_workflow(connection, order, identifier=self._new_id("workflow"), now=now_text())
        self.metrics.events.inc()
        return view

    def workflows(self, status: str | None) -> list[dict[str, Any]]:
        """Workflows in the order of their ids."""
        with self._engine.connect() as connection:
            return workflows.workflow_list(connection, status)

    def workflow(self, identifier: str) -> dict[str, Any]:
        """One workflow; raises RefusalError with 404."""
        with self._engine.connect() as connection:
            return workflows.workflow_view(connection, identifier)

    def change_workflow(self, identifier: str, action: str) -> dict[str, Any]:
        """Pauses, resumes, completes or advances; raises RefusalError with 404 or 409."""
        with writing(self._engine) as connection:
            if action != "advance":
                view = workflows.change_workflow(connection, identifier, action)
            else:
                self._fail_if_told(workflows.workflow_view(connection, identifier))
                view = workflows.advance_workflow(connection, identifier)
        self.metrics.events.inc()
        return view

    def send_message(self, order: MessageOrder) -> str:
        """Delivers a message and returns its id; raises RefusalError with 409."""
        with writing(self._engine) as connection:
            if not agents.may_write(agents.busy_agents(connection), order.sender, order.recipient):
                text = f"{order.sender} does not talk to {order.recipient}"
                raise RefusalError(409, "not_connected", text)
            row = order.model_dump() | {"id": self._new_id("message"), "sent_at": now_text()}
            connection.execute(messages.insert().values(row))
        self.metrics.events.inc()
        return str(row["id"])

    def integrity(self) -> dict[str, Any]:
        """A scan of the whole store."""
        self.note_spoiled_rows()
        with self._engine.connect() as connection:
            return integrity.scan(connection)

    def note_spoiled_rows(self) -> None:
        """Tells the metrics which rows are spoiled."""
        with self._engine.connect() as connection:
            self._spoiled.found(integrity.spoiled_ids(connection))

    def take_over(self, replica: replication.Replica) -> None:
        """Stores records of the other side."""
        with writing(self._engine) as connection:
            replication.take_over(connection, replica)

    def hand_out(self, wanted: replication.Wanted) -> list[dict[str, Any]]:
        """Records for the other side."""
        with self._engine.connect() as connection:
            return replication.hand_out(connection, wanted)

    def _delegate(self, connection: sa.Connection, orders: Sequence[TaskOrder], *, run: bool) -> list[dict[str, Any]]:
        begun = time.perf_counter()
        everyone = agents.busy_agents(connection, to_assign=True)
        rows = [tasks.make_task(order, everyone, new_id=self._new_id, now=now_text, run=run) for order in orders]
        tasks.store_tasks(connection, rows)
        each = (time.perf_counter() - begun) / len(rows)
        for _ in rows:
            self.metrics.delegation_seconds.observe(each)
        return rows

    def _fail_if_told(self, view: dict[str, Any]) -> None:
        if self.faults.settings.critical_workflow_failure and view["critical"] and view["status"] == "active":
            self.metrics.count_workflow_failure(critical=True)
            raise RuntimeError(f"step of critical workflow {view['id']} failed")
