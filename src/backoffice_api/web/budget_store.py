"""Shared budgets in the database of the shop, and which budgets a server is to keep at all."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from typing import TypeVar
from uuid import UUID

from backoffice_api.context import Threads
from backoffice_api.domain.execute import Handler, execute
from backoffice_api.domain.identity.commands.budgets import (
    GiveBudgetBack,
    TakeBudget,
    give_budget_back,
    take_budget,
)
from backoffice_api.domain.identity.model.budgets import Allowance, Taken
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Command
from backoffice_api.dotenv import SettingsError
from backoffice_api.settings import Settings
from backoffice_api.web.budget import Budget, MemoryBudget
from backoffice_api.web.shared_budget import SharedBudget, Store

C = TypeVar("C", bound=Command)
R = TypeVar("R")


class DatabaseStore:
    """A row for each bucket, which is locked while somebody takes of it."""

    def __init__(
        self,
        database: Database,
        threads: Threads,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._threads = threads
        self._now = now

    async def take(self, owner: UUID, allowance: Allowance, least: int, most: int) -> Taken:
        command = TakeBudget(owner=owner, allowance=allowance, least=least, most=most)
        return await self._execute(take_budget, command)

    async def give_back(self, units: Mapping[UUID, int]) -> None:
        await self._execute(give_budget_back, GiveBudgetBack(units=units))

    async def close(self) -> None:
        """The database is closed by who has opened it."""

    async def _execute(self, handler: Handler[C, R], command: C) -> R:
        call = partial(
            execute, self._database, handler, command, caller=THE_SYSTEM, now=self._now()
        )
        answer = await asyncio.get_running_loop().run_in_executor(self._threads.writing, call)
        return answer.value


def budget_from(settings: Settings, database: Database, threads: Threads) -> Budget | None:
    """What the settings say of budgets. None: callers have none.

    Raises:
        SettingsError: Redis is asked for, and its client is not installed.
    """
    if not settings.budget_capacity:
        return None
    allowance = Allowance(settings.budget_capacity, settings.budget_restore_per_s)
    match settings.budget_store or ("memory" if settings.workers == 1 else "database"):
        case "memory":
            return MemoryBudget(allowance)
        case "redis":
            return SharedBudget(allowance, _redis(settings))
        case _:
            return SharedBudget(allowance, DatabaseStore(database, threads))


def _redis(settings: Settings) -> Store:
    if find_spec("redis") is None:
        raise SettingsError(
            ("BACKOFFICE_BUDGET_STORE=redis needs its client: install backoffice-api[redis].",)
        )
    from backoffice_api.adapters.budget_redis import RedisStore

    assert settings.redis_url is not None, "the settings were checked"
    return RedisStore(settings.redis_url)
