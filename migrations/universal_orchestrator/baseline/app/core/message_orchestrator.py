"""MessageOrchestrator: one method, handle({...}); whatever is wrong with a message is said in the answer."""

from typing import Any


class MessageOrchestrator:
    """Answers {"ok": true, ...} or {"ok": false, "error": {"code", "message"}}; `id` of a message comes back."""

    def __init__(self, slots: int = 5) -> None:
        self.slots = slots
        self.agents: dict[str, list[str]] = {}
        self.tasks: dict[str, dict[str, Any]] = {}

    def handle(self, message: dict[str, Any]) -> dict[str, Any]:
        """Do what the message asks; TypeError for what is no dict."""
        if not isinstance(message, dict):
            raise TypeError("a message is a dict")
        answer = self._answer(message)
        return {"id": message["id"], **answer} if "id" in message else answer

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        operation = getattr(self, f"_do_{message.get('op')}", None)
        if operation is None:
            return self._no("unknown-op", f"no operation {message.get('op')!r}")
        try:
            found: dict[str, Any] = operation(message)
        except KeyError as error:
            return self._no("missing-field", f"the message lacks {error.args[0]!r}")
        return found

    def _do_register(self, message: dict[str, Any]) -> dict[str, Any]:
        if message["agent"] in self.agents:
            return self._no("duplicate", f"agent {message['agent']!r} is registered")
        self.agents[message["agent"]] = list(message.get("capabilities", []))
        return {"ok": True, "agents": len(self.agents)}

    def _do_delegate(self, message: dict[str, Any]) -> dict[str, Any]:
        task, needs = message["task"], message.get("requires", [])
        loads = {name: sum(entry["agent"] == name for entry in self._active()) for name in self.agents}
        able = [name for name, has in self.agents.items() if set(needs) <= set(has) and loads[name] < self.slots]
        if not able:
            return {"ok": True, "agent": None}
        chosen = min(able, key=loads.__getitem__)
        self.tasks[task] = {"agent": chosen, "state": "active"}
        return {"ok": True, "agent": chosen}

    def _do_complete(self, message: dict[str, Any]) -> dict[str, Any]:
        task = self.tasks.get(message["task"])
        if task is None or task["state"] != "active":
            return self._no("unknown-task", f"no open task {message['task']!r}")
        task["state"] = "done"
        return {"ok": True, "agent": task["agent"], "result": message.get("result")}

    def _do_status(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "agents": sorted(self.agents), "active": len(self._active())}

    def _active(self) -> list[dict[str, Any]]:
        return [entry for entry in self.tasks.values() if entry["state"] == "active"]

    def _no(self, code: str, message: str) -> dict[str, Any]:
        return {"ok": False, "error": {"code": code, "message": message}}
