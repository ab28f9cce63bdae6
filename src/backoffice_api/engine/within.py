"""A limit of time for work that seldom has to wait."""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")


async def within(limit_s: float, work: Coroutine[Any, Any, T]) -> T:
    """What `work` answers.

    The time counts from where it first has to wait: a body that has come already, and an answer
    for which nothing is read, take less than a timer does.

    Raises:
        TimeoutError: it has not ended after `limit_s` seconds; it was cancelled.
    """
    try:
        awaited = work.send(None)
    except StopIteration as end:
        answer: T = end.value
        return answer
    async with asyncio.timeout(limit_s):
        rest: T = await _Rest(work, awaited)
        return rest


class _Rest(Generator[Any, Any, Any]):
    """Work that has begun to wait, to be awaited from there on."""

    def __init__(self, work: Coroutine[Any, Any, Any], awaited: Any) -> None:
        self._work = work
        self._awaited = [awaited]

    def __await__(self) -> Generator[Any, Any, Any]:
        return self

    def send(self, value: Any) -> Any:
        return self._awaited.pop() if self._awaited else self._work.send(value)

    def throw(self, *thrown: Any) -> Any:
        return self._work.throw(*thrown)

    def close(self) -> None:
        self._work.close()
