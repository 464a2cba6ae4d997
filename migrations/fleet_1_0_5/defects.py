"""Defects of switches, routing, costs and streaming that can be seeded, each as a patch at start; production code knows none."""

import asyncio
import importlib
from typing import Any

from plumbing.defects import DefectTable

DEFECTS = DefectTable()
ENFORCED_AT, ALERTED_AT = 120.0, 90.0


def _module(name: str) -> Any:
    """A module of the programs, to be patched."""
    return importlib.import_module(name)


def _flags() -> Any:
    return _module("fleet_1_0_5.candidate.feature_flags").FeatureFlags


# ---------------------------------------------------------------- switches


@DEFECTS.defect("default-on", part="candidate", sentence="A switch that nobody set is on.")
def _default_on() -> None:
    kind = _flags()
    whole = kind.look_up
    kind.look_up = lambda self, name, agent_type=None: (
        (True, "default") if (found := whole(self, name, agent_type))[1] == "default" else found
    )


@DEFECTS.defect("override-ignored", part="candidate", sentence="The override of an agent type is not looked at.")
def _override_ignored() -> None:
    kind = _flags()
    whole = kind.look_up
    kind.look_up = lambda self, name, agent_type=None: whole(self, name, None)


@DEFECTS.defect("file-above-env", part="candidate", sentence="The file stands above the environment.")
def _file_above_env() -> None:
    _order("override", "file", "admin", "env", "flagd")


@DEFECTS.defect("env-above-override", part="candidate", sentence="The environment stands above the override.")
def _env_above_override() -> None:
    _order("admin", "env", "override", "flagd", "file")


def _order(*names: str) -> None:
    kind = _flags()
    whole = kind._said  # noqa: SLF001
    kind._said = lambda self, name, agent_type: sorted(  # noqa: SLF001
        whole(self, name, agent_type), key=lambda said: names.index(said[0])
    )


@DEFECTS.defect("inner-ignored", part="candidate", sentence="A feature works without its inner switch.")
def _inner_ignored() -> None:
    kind = _flags()
    kind.is_on = lambda self, name, agent_type=None: kind.look_up(self, name, agent_type)[0]


@DEFECTS.defect("outer-ignored", part="candidate", sentence="The inner switch alone turns a feature on.")
def _outer_ignored() -> None:
    inner = _module("fleet_1_0_5.candidate.feature_flags").INNER

    kind = _flags()
    kind.is_on = lambda self, name, agent_type=None: kind.look_up(self, inner.get(name, name), agent_type)[0]


@DEFECTS.defect("needs-a-restart", part="candidate", sentence="A changed configuration acts only after a restart.")
def _needs_a_restart() -> None:
    watched_settings = _module("fleet_1_0_5.candidate.settings").WatchedSettings

    watched_settings.now = lambda self: self._last


@DEFECTS.defect("malformed-is-on", part="candidate", sentence="A malformed value of a switch turns it on.")
def _malformed_is_on() -> None:
    feature_flags = _module("fleet_1_0_5.candidate.feature_flags")

    whole = feature_flags.from_text
    feature_flags.from_text = lambda text: True if isinstance(found := whole(text), str) else found


@DEFECTS.defect(
    "broken-file-stops", part="candidate", sentence="A configuration that breaks while it is watched stops the service."
)
def _broken_file_stops() -> None:
    settings_error = _module("fleet_1_0_5.candidate.settings").SettingsError
    watched_settings = _module("fleet_1_0_5.candidate.settings").WatchedSettings

    whole = watched_settings.now

    def now(self: Any) -> Any:
        read = whole(self)
        if self._trouble:
            raise settings_error(self._trouble[0])
        return read

    watched_settings.now = now


@DEFECTS.defect("health-lies", part="candidate", sentence="Health shows what is asked for, not what is in effect.")
def _health_lies() -> None:
    kind = _flags()
    kind.features = lambda self, agent_type=None: {
        name: kind.look_up(self, name, agent_type)[0] for name in ("multiModelRouter", "streaming")
    }


@DEFECTS.defect(
    "streams-unasked", part="candidate", sentence="Whoever accepts a stream gets one though streaming is off."
)
def _streams_unasked() -> None:
    kind = _flags()
    whole = kind.is_on
    kind.is_on = lambda self, name, agent_type=None: name == "streaming" or whole(self, name, agent_type)


# ---------------------------------------------------------------- routing and costs


@DEFECTS.defect("dearest-model", part="candidate", sentence="Where ranges overlap the dearest model is taken.")
def _dearest_model() -> None:
    routing = _module("fleet_1_0_5.candidate.routing")

    routing.ModelRouter.cheapest = lambda self, models: max(models, key=routing._price)  # noqa: SLF001


@DEFECTS.defect("unknown-model", part="candidate", sentence="The router names a model that is not in its list.")
def _unknown_model() -> None:
    from dataclasses import replace

    model_router = _module("fleet_1_0_5.candidate.routing").ModelRouter

    whole = model_router.select_for
    model_router.select_for = lambda self, complexity: (
        replace(found, modelName="claude-haiku-3") if (found := whole(self, complexity)).complexity < 0.05 else found
    )


@DEFECTS.defect("weights-swapped", part="candidate", sentence="Complexity weighs context twice and tokens not at all.")
def _weights_swapped() -> None:
    routing = _module("fleet_1_0_5.candidate.routing")

    routing.FULL_TOKENS, routing.FULL_CONTEXT = 10**9, 5


@DEFECTS.defect("stream-costs-lost", part="candidate", sentence="The costs of streamed tasks are not recorded.")
def _stream_costs_lost() -> None:
    fleet_manager = _module("fleet_1_0_5.candidate.fleet").FleetManager

    whole = fleet_manager.charge
    fleet_manager.charge = lambda self, run: None if run.stream else whole(self, run)


@DEFECTS.defect("costs-by-the-call", part="candidate", sentence="Output tokens are priced as input tokens.")
def _costs_by_the_call() -> None:
    fleet = _module("fleet_1_0_5.candidate.fleet")

    whole = fleet.price_of
    fleet.price_of = lambda price, unit, tokens_in, tokens_out: whole(price, unit, tokens_in + tokens_out, 0)


@DEFECTS.defect("enforced-late", part="candidate", sentence="A budget ends at 120 %.")
def _enforced_late() -> None:
    spent = _module("fleet_1_0_5.candidate.costs").Spent

    spent.is_used_up = property(lambda self: self.percent >= ENFORCED_AT)


@DEFECTS.defect("alerted-late", part="candidate", sentence="Nobody is told of a budget before 90 %.")
def _alerted_late() -> None:
    spent = _module("fleet_1_0_5.candidate.costs").Spent

    spent.is_alarming = property(lambda self: self.percent >= ALERTED_AT)


@DEFECTS.defect("partition-misnamed", part="candidate", sentence="Costs are kept in another partition.")
def _partition_misnamed() -> None:
    costs = _module("fleet_1_0_5.candidate.costs")

    costs.PARTITION = "routing-costs"


# ---------------------------------------------------------------- streaming


@DEFECTS.defect("streamed-differs", part="candidate", sentence="The final result of a stream lacks its last line.")
def _streamed_differs() -> None:
    from dataclasses import replace

    stream_manager = _module("fleet_1_0_5.candidate.streaming").StreamManager

    whole = stream_manager.answer

    async def answer(self: Any, *words: Any) -> Any:
        found = await whole(self, *words)
        return replace(found, text=found.text.rstrip("\n").rpartition("\n")[0])

    stream_manager.answer = answer


@DEFECTS.defect("chunks-swapped", part="candidate", sentence="The second chunk comes before the first.")
def _chunks_swapped() -> None:
    streaming = _module("fleet_1_0_5.candidate.streaming")

    whole, held = streaming.tell, []

    async def tell(callback: Any, said: Any) -> None:
        if said.get("index") == 0:
            held.append(said)
            return
        await whole(callback, said)
        if held:
            await whole(callback, held.pop())

    streaming.tell = tell


@DEFECTS.defect("no-backpressure", part="candidate", sentence="A slow reader never makes the model wait.")
def _no_backpressure() -> None:
    buffer_manager = _module("fleet_1_0_5.candidate.streaming").BufferManager

    buffer_manager.must_wait = lambda self: False


@DEFECTS.defect("no-fallback", part="candidate", sentence="A stream that times out ends with an error.")
def _no_fallback() -> None:
    model_trouble = _module("fleet_1_0_5.candidate.model_client").ModelTrouble
    stream_manager = _module("fleet_1_0_5.candidate.streaming").StreamManager

    async def answer(self: Any, *words: Any) -> Any:
        try:
            return await self._retried(*words)
        except TimeoutError:
            raise model_trouble("the stream timed out") from None

    stream_manager.answer = answer


@DEFECTS.defect("never-retries", part="candidate", sentence="A broken stream is not begun again.")
def _never_retries() -> None:
    stream_manager = _module("fleet_1_0_5.candidate.streaming").StreamManager

    async def retried(self: Any, question: Any, stream: Any, settings: Any, on_chunk: Any) -> Any:
        return await self._once(question, stream, stream.sent, settings.timeoutMs / 1000, on_chunk)

    stream_manager._retried = retried  # noqa: SLF001


@DEFECTS.defect("first-chunk-late", part="candidate", sentence="The first chunk is held back for a second.")
def _first_chunk_late() -> None:
    streaming = _module("fleet_1_0_5.candidate.streaming")

    whole = streaming.tell

    async def tell(callback: Any, said: Any) -> None:
        if said.get("index") == 0:
            await asyncio.sleep(1.0)
        await whole(callback, said)

    streaming.tell = tell
