"""Uses AgentRegistry: functions become agents by a decorator and keep being functions."""

from app.core.agent_registry import AgentRegistry, agent, dispatch, registry


@agent("text", "short")
def shout(text: str, times: int = 1) -> str:
    """Make it loud."""
    return text.upper() * times


@agent("text", name="whisperer")
def whisper(text: str, times: int = 1) -> str:
    """Make it quiet."""
    return text.lower() * times


def main() -> None:
    """Dispatch by skill and count."""
    print(shout("plain call"), shout.__name__, shout.__doc__)
    print([dispatch(["text"], "Ab") for _ in range(4)], dispatch(["short", "text"], "Cd", times=2))
    print(registry.calls, dispatch(["text"], "Ef"), registry.calls)
    try:
        dispatch(["video"])
    except LookupError as error:
        print(error)
    own = AgentRegistry()
    own.agent()(len)
    print(own.dispatch([], "four"), own.calls)
    try:
        own.agent()(len)
    except ValueError as error:
        print(error)


if __name__ == "__main__":
    main()
