"""The limit of time around work that seldom waits."""

import asyncio

import pytest

from backoffice_api.engine.within import within


class Refused(Exception):
    pass


async def at_once() -> str:
    return "at once"


class TestWithin:
    async def test_sets_no_timer_for_what_does_not_wait(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(asyncio, "timeout")
        assert await within(0, at_once()) == "at once"

    async def test_answers_what_had_to_wait_several_times(self) -> None:
        loop = asyncio.get_running_loop()

        async def work() -> list[object]:
            found: list[object] = []
            for number in range(3):
                future = loop.create_future()
                loop.call_soon(future.set_result, number)
                found.append(await future)
            await asyncio.sleep(0)
            return found

        assert await within(10, work()) == [0, 1, 2]

    async def test_gives_up_what_waits_for_longer(self) -> None:
        ended = []

        async def work() -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise

        with pytest.raises(TimeoutError):
            await within(0, work())
        assert ended == ["cancelled"]
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0

    async def test_passes_on_what_is_raised_before_and_after_a_wait(self) -> None:
        async def work(*, waits: bool) -> None:
            if waits:
                await asyncio.sleep(0)
            raise Refused

        for waits in (False, True):
            with pytest.raises(Refused):
                await within(10, work(waits=waits))

    async def test_lets_the_work_go_on_after_what_it_awaited_has_failed(self) -> None:
        loop = asyncio.get_running_loop()

        async def work() -> str:
            future = loop.create_future()
            loop.call_soon(future.set_exception, Refused())
            try:
                await future
            except Refused:
                await asyncio.sleep(0)
                return "went on"
            return "never"

        assert await within(10, work()) == "went on"

    async def test_ends_with_the_task_that_it_belongs_to(self) -> None:
        begun = asyncio.Event()

        async def work() -> None:
            begun.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(within(10, work()))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
