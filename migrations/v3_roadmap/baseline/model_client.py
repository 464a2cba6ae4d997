"""V2's client of the model API: it sends its key under a name that the API stopped reading, so every call fails."""

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=10)


class ModelError(RuntimeError):
    """The model API did not answer the question."""


async def ask(url: str, key: str, prompt: str) -> str:
    """What the model says; raises ModelError."""
    headers = {"Authorization": f"Bearer {key}"}
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.post(f"{url}/v1/messages", json={"prompt": prompt}, headers=headers) as answer,
        ):
            if answer.status != 200:
                raise ModelError(f"the model API answered {answer.status}")
            return str((await answer.json())["text"])
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
        raise ModelError(f"the model API does not answer: {type(error).__name__}") from error
