"""Uses AsyncOrchestrator: awaits a free agent, in the order of asking."""

import asyncio

from app.core.async_orchestrator import AsyncOrchestrator


async def main() -> None:
    """Register, wait, time out, close."""
    async with AsyncOrchestrator() as desk:
        print(await desk.register_agent("ada", ["python"]), await desk.register_agent("ada"))
        print(await desk.delegate_task("t1", ["python"]))
        waiting = asyncio.create_task(desk.delegate_task("t2", ["python"]))
        await asyncio.sleep(0.01)
        print(waiting.done(), await desk.complete_task("t1", 42), await waiting, await desk.result("t1"))
        try:
            await desk.delegate_task("t3", ["python"], wait_s=0.02)
        except TimeoutError as error:
            print(type(error).__name__)
        for deed in (desk.delegate_task("t4", ["go"]), desk.complete_task("t9"), desk.result("t2")):
            try:
                await deed
            except LookupError as error:
                print(type(error).__name__, error)
    print(await desk.delegate_task("t5", ["python"]))


if __name__ == "__main__":
    asyncio.run(main())
