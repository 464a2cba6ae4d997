"""Defects that a client of the v1 API would notice, one place of one answer each; production code knows none."""

from collections.abc import Callable
from typing import Any

from orchestration_v2.replies import Reply, change_replies, things
from plumbing.defects import DefectTable

DEFECTS = DefectTable()
CANCEL_AT = 2**53
CUT_AT = 128
STATUSES = ("queued", "assigned", "completed", "failed", "cancelled")

Document = dict[str, Any]


def _replies(name: str, sentence: str, change: Callable[[Reply], object]) -> None:
    """A defect of answers."""

    def act(reply: Reply) -> None:
        change(reply)

    DEFECTS.defect(name, part="candidate", sentence=sentence)(lambda: change_replies(act))


def _documents(kind: str, name: str, sentence: str, change: Callable[[Document], object]) -> None:
    """A defect of every task, workflow, agent or message that is shown, alone or in a list."""

    def act(reply: Reply) -> None:
        for document in things(reply, kind):
            change(document)

    _replies(name, sentence, act)


def _map(key: str, change: Callable[[Any], Any]) -> Callable[[Document], None]:
    """A change of one key's value where the key is and its value is not null."""

    def act(document: Document) -> None:
        if document.get(key) is not None:
            document[key] = change(document[key])

    return act


def _drop_null(document: Document, key: str) -> None:
    if key in document and document[key] is None:
        del document[key]


def _rounded(number: int) -> int:
    return int(float(number)) if abs(number) > CANCEL_AT else number


def _without_zone(text: str) -> str:
    return text[:-6] if text[-6:-5] in "+-" else text.removesuffix("Z")


def _epoch_s(text: str) -> int:
    from datetime import datetime

    return int(datetime.fromisoformat(text).timestamp())


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _status(name: str, sentence: str, becomes: int, meant: Callable[[Reply], bool], *, silent: bool = False) -> None:
    """A defect of the status of some answers; `silent` ones lose their body and what describes it."""

    def act(reply: Reply) -> None:
        if meant(reply):
            reply.status = becomes
            if silent:
                reply.body = b""
                reply.headers.pop("content-type", None)

    _replies(name, sentence, act)


def _steps(change: Callable[[Document], object]) -> Callable[[Document], None]:
    def act(workflow: Document) -> None:
        for step in workflow.get("steps", ()):
            change(step)

    return act


def _rename(old: str, new: str) -> Callable[[Document], None]:
    def act(document: Document) -> None:
        if old in document:
            document[new] = document.pop(old)

    return act


def _of_error(change: Callable[[Document], object], wanted: Callable[[Reply], bool]) -> Callable[[Reply], None]:
    def act(reply: Reply) -> None:
        document = reply.document()
        if reply.is_error and wanted(reply) and isinstance(document, dict):
            change(document)
            reply.say(document)

    return act


def _lists_only(reply: Reply) -> None:
    if reply.path != "/api/tasks" or reply.method != "GET":
        return
    for task in things(reply, "tasks"):
        _rename("created_by", "owner")(task)


def _first_page_only(reply: Reply) -> None:
    document = reply.document()
    if reply.path == "/api/tasks" and reply.method == "GET" and not reply.is_error:
        document["next"] = None
        reply.say(document)


def _wrapped(reply: Reply) -> None:
    if reply.path.startswith("/api/agents/") and reply.path.count("/") == 3 and not reply.is_error:
        reply.say({"data": reply.document()})


def _numbers_of_batch(reply: Reply) -> None:
    document = reply.document()
    if reply.path == "/api/tasks/batch" and not reply.is_error:
        document["ids"] = [int(text.rpartition("-")[2], 16) for text in document["ids"]]
        reply.say(document)


def _reversed(kind: str, path: str) -> Callable[[Reply], None]:
    def act(reply: Reply) -> None:
        document = reply.document()
        if reply.path == path and reply.method == "GET" and not reply.is_error:
            document[kind].reverse()
            reply.say(document)

    return act


def _charset(reply: Reply) -> None:
    if reply.headers.get("content-type") == "application/json" and not reply.is_error:
        reply.headers["content-type"] = "application/json; charset=utf-8"


def _made(reply: Reply) -> bool:
    return reply.method == "POST" and reply.path == "/api/tasks" and reply.status == 201


_documents("tasks", "status-as-number", "A task's status is a number.", _map("status", STATUSES.index))
_documents("tasks", "absent-for-null", "A task without notes has no notes.", lambda task: _drop_null(task, "notes"))
_documents(
    "tasks",
    "text-for-null",
    'A task without workflow has "".',
    lambda task: task.update(workflow_id=task["workflow_id"] or ""),
)
_documents("tasks", "rounds-numbers", "Numbers past 2^53 are rounded.", _map("estimate", _rounded))
_documents("tasks", "trims-titles", "White space around a title is lost.", _map("title", str.strip))
_documents("tasks", "cuts-titles", "Titles end after 128 characters.", _map("title", lambda text: text[:CUT_AT]))
_documents(
    "tasks",
    "mangles-unicode",
    "Signs outside ASCII become question marks.",
    _map("title", lambda text: text.encode("ascii", "replace").decode()),
)
_documents(
    "tasks",
    "escapes-html",
    "Notes are escaped for HTML.",
    _map("notes", lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
)
_documents("tasks", "drops-nulls-inside", "Nulls inside a result are dropped.", _map("result", _without_nulls))
_documents("tasks", "zoneless-times", "The time of a task has no zone.", _map("created_at", _without_zone))
_documents(
    "workflows",
    "zulu-times",
    "The time of a workflow ends in Z.",
    _map("created_at", lambda t: t.replace("+00:00", "Z")),
)
_documents("messages", "epoch-times", "The time of a message is a number.", _map("sent_at", _epoch_s))
_documents("workflows", "flag-as-number", "Whether a workflow is critical is 0 or 1.", _map("critical", int))
_documents("workflows", "upper-case-words", "States of steps are in capitals.", _steps(_map("state", str.upper)))
_documents("workflows", "counts-from-zero", "Steps are counted from 0.", _steps(_map("seq", lambda n: n - 1)))
_documents("agents", "float-for-integer", "Capacities are written like 5.0.", _map("capacity", float))
_documents("agents", "new-field", "Agents have a field more.", lambda agent: agent.update(team="unknown"))
_documents("messages", "renames-sender", "The sender of a message is called from.", _rename("sender", "from"))

_replies("renames-in-lists", "In lists, created_by is called owner.", _lists_only)
_replies("ends-after-one-page", "No page of tasks names the next one.", _first_page_only)
_replies("envelope", "An agent comes wrapped in data.", _wrapped)
_replies("ids-as-numbers", "The ids of a batch are numbers.", _numbers_of_batch)
_replies("other-order", "Agents come in reverse order.", _reversed("agents", "/api/agents"))
_replies("newest-first", "Messages come newest first.", _reversed("messages", "/api/agents/sre/messages"))
_replies("charset-added", "JSON comes with a charset.", _charset)
_replies(
    "location-lost", "A new task comes without Location.", lambda reply: _made(reply) and reply.headers.pop("location")
)
_replies(
    "location-of-the-list",
    "Location names the list and not the new task.",
    lambda reply: _made(reply) and reply.headers.update(location="/api/tasks"),
)
_replies(
    "allow-lost",
    "A method that is not there is refused without those that are.",
    lambda reply: reply.headers.pop("allow", None),
)
_replies(
    "error-renamed",
    "The error of an unknown workflow stands in detail.",
    _of_error(_rename("error", "detail"), lambda reply: reply.path.startswith("/api/workflows")),
)
_replies(
    "error-code-changed",
    "An unknown task has another error code.",
    _of_error(lambda said: said["error"].update(code="not_found"), lambda reply: reply.status == 404),
)
_replies(
    "fields-lost",
    "A refused query does not name its fields.",
    _of_error(lambda said: said["error"].pop("fields", None), lambda reply: bool(reply.query)),
)
_status("unknown-as-400", "An unknown id is a bad request.", 400, lambda reply: reply.status == 404)
_status("closed-as-424", "A closed task is a failed dependency.", 424, lambda reply: reply.status == 409)
_status(
    "accepted-for-created",
    "A new workflow is accepted and not created.",
    202,
    lambda reply: reply.path == "/api/workflows" and reply.status == 201,
)
_status(
    "created-again",
    "The same key is answered with 201 each time.",
    201,
    lambda reply: reply.path == "/api/tasks" and reply.method == "POST" and reply.status == 200,
)
_status("delete-says-200", "A deletion is answered with 200.", 200, lambda reply: reply.status == 204)
_status(
    "deletes-twice",
    "Deleting what is deleted succeeds.",
    204,
    lambda reply: reply.method == "DELETE" and reply.status == 404,
    silent=True,
)
_status("method-as-404", "A method that is not there is not found.", 404, lambda reply: reply.status == 405)
_status(
    "redirect-for-ever",
    "A trailing slash is redirected for ever.",
    301,
    lambda reply: reply.status == 307,
)


def _change_new_task(**config: object) -> None:
    from orchestration_v2.candidate import documents

    documents.NewTask.model_config.update(config)  # type: ignore[typeddict-item]
    documents.NewTask.model_rebuild(force=True)


@DEFECTS.defect("takes-text-for-number", part="candidate", sentence='A priority may be sent as "2".')
def _takes_text_for_number() -> None:
    _change_new_task(strict=False)


@DEFECTS.defect("refuses-unknown-fields", part="candidate", sentence="A task with an unknown field is refused.")
def _refuses_unknown_fields() -> None:
    _change_new_task(extra="forbid")


def _change_field(name: str, **changes: object) -> None:
    from orchestration_v2.candidate import documents

    field = documents.NewTask.model_fields[name]
    for attribute, value in changes.items():
        setattr(field, attribute, value)
    documents.NewTask.model_rebuild(force=True)


@DEFECTS.defect("other-default", part="candidate", sentence="A task without priority gets 1.")
def _other_default() -> None:
    _change_field("priority", default=1)


@DEFECTS.defect("takes-empty-titles", part="candidate", sentence="A task may have an empty title.")
def _takes_empty_titles() -> None:
    _change_field("title", metadata=[])


@DEFECTS.defect("requires-role", part="candidate", sentence="A task has to name a role.")
def _requires_role() -> None:
    from pydantic_core import PydanticUndefined

    _change_field("role", default=PydanticUndefined)


@DEFECTS.defect("ignores-filter", part="candidate", sentence="Workflows are listed whatever their status.")
def _ignores_filter() -> None:
    from orchestration_v2.candidate.state import State

    workflows = State.workflows
    State.workflows = lambda self, status: workflows(self, None)  # type: ignore[method-assign]


@DEFECTS.defect("last-item-lost", part="candidate", sentence="The last workflow of a list is lost.")
def _last_item_lost() -> None:
    from orchestration_v2.candidate.state import State

    workflows = State.workflows
    State.workflows = lambda self, status: workflows(self, status)[:-1]  # type: ignore[method-assign]
