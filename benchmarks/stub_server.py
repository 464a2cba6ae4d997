"""A server in a process of its own that answers after a drawn service time; for benchmarks, where the truth has to be known."""

import asyncio
import math
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web


@contextmanager
def stub(median_ms: float, spread: float, seed: int, tail_ms: float = 0.0, tail_share: float = 0.0) -> Iterator[str]:
    """Run one until the block ends, and give its URL. A `tail_share` of the requests takes `tail_ms` longer."""
    words = [median_ms, spread, seed, tail_ms, tail_share]
    process = subprocess.Popen([sys.executable, __file__, *map(str, words)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


async def _serve(median_ms: float, spread: float, seed: int, tail_ms: float, tail_share: float) -> None:
    chance = random.Random(seed)

    async def answer(_: web.Request) -> web.Response:
        took_ms = median_ms * math.exp(chance.gauss(0, spread)) + (tail_ms if chance.random() < tail_share else 0)
        await asyncio.sleep(took_ms / 1000)
        return web.Response(text="{}", content_type="application/json")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(*map(float, sys.argv[1:])))
