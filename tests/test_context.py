"""What a request reads, before and after it writes, and what it leaves behind."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from backoffice_api.context import Context, Threads, Turns
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.pages import Cursors
from backoffice_api.domain.kernel.uow import Meta, UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands.products import CreateProduct, create_product
from tests.databases import Copies, count_statements, open_connections
from tests.world import CLERK, World

TEA = CreateProduct(title="Tea")


@pytest.fixture
def context(world: World) -> Context:
    return Context(world.database, world.threads, CLERK, Cursors(b"secret"), "test-request")


class TestLoad:
    async def test_asks_once_for_what_is_wanted_together(
        self, context: Context, world: World
    ) -> None:
        ids = [world.run(create_product, TEA).value for _ in range(3)]

        with count_statements(world.database) as statements:
            found = await asyncio.gather(
                *(context.load(queries.products_by_ids, id) for id in [*ids, ids[0], UUID(int=0)])
            )

        assert [each and each.id for each in found] == [*ids, ids[0], None]
        assert len([each for each in statements if each.startswith("SELECT")]) == 1

    async def test_goes_on_for_others_when_one_of_them_is_ended(
        self, context: Context, world: World
    ) -> None:
        id: UUID = world.run(create_product, TEA).value
        ended, other = (
            asyncio.ensure_future(context.load(queries.products_by_ids, id)) for _ in range(2)
        )
        await asyncio.sleep(0)
        ended.cancel()

        assert (await other).id == id

    async def test_answers_the_default_where_there_is_nothing(self, context: Context) -> None:
        found = await context.load(queries.variants_by_products, UUID(int=0), default=())

        assert found == ()


class TestRun:
    async def test_forgets_what_was_read_before(self, context: Context, world: World) -> None:
        id: UUID = world.run(create_product, TEA).value
        before = await context.load(queries.products_by_ids, id)

        def rename(uow: UnitOfWork, command: CreateProduct) -> UUID:
            uow.db.exec_driver_sql("UPDATE products SET title = 'Green tea'")
            return id

        await context.run(rename, lambda: TEA, Meta())

        after = await context.load(queries.products_by_ids, id)
        assert (before.title, after.title) == ("Tea", "Green tea")

    async def test_of_a_dry_run_shows_its_world_until_it_is_closed(self, context: Context) -> None:
        outcome = await context.run(create_product, lambda: TEA, Meta(dry_run=True))
        during = await context.load(queries.products_by_ids, outcome.value)
        await context.close()
        after = await context.load(queries.products_by_ids, outcome.value)

        assert during.title == "Tea"
        assert after is None
        assert open_connections(context.database) == 0

    async def test_that_is_given_up_leaves_no_dry_run_open(
        self, database: Database, context: Context
    ) -> None:
        context.threads = Threads(database, pool_size=2)
        begun, go_on = threading.Event(), threading.Event()

        def slow(uow: UnitOfWork, command: CreateProduct) -> UUID:
            begun.set()
            go_on.wait(30)
            return create_product(uow, command)

        running = asyncio.create_task(context.run(slow, lambda: TEA, Meta(dry_run=True)))
        await asyncio.to_thread(begun.wait, 30)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await context.close()
        go_on.set()
        await asyncio.to_thread(context.threads.shutdown)

        assert open_connections(database) == 0


class TestReplica:
    """A replica that has stood still: what was written since is only in the other database."""

    @pytest.fixture
    def behind(self, postgres_copies: Copies, opens: Callable[..., Database]) -> Iterator[World]:
        url, replica = postgres_copies.fresh(), postgres_copies.fresh()
        database = opens(url, reading_url=replica)
        threads = Threads(database, pool_size=2)
        yield World(database, threads)
        threads.shutdown()
        database.dispose()
        postgres_copies.drop(url)
        postgres_copies.drop(replica)

    async def test_is_not_asked_after_a_mutation(self, behind: World) -> None:
        document = 'mutation { productCreate(input: {title: "Tea"}) { product { title } } }'

        made = await behind.graphql(document)
        listed = await behind.graphql("{ products { nodes { title } } }")

        assert made == {"productCreate": {"product": {"title": "Tea"}}}
        assert listed == {"products": {"nodes": []}}


class TestTurns:
    def test_let_one_work_at_a_time(self) -> None:
        turns, entered = Turns(turn_s=60), threading.Event()
        other = threading.Thread(target=enter, args=(turns, entered))
        with turns.mine():
            other.start()
            assert not entered.wait(0.05)
        other.join(60)
        assert entered.is_set()

    def test_pass_by_whoever_takes_long(self) -> None:
        turns, entered = Turns(turn_s=0.01), threading.Event()
        other = threading.Thread(target=enter, args=(turns, entered))
        with turns.mine():
            other.start()
            other.join(60)
            assert entered.is_set()


def enter(turns: Turns, entered: threading.Event) -> None:
    with turns.mine():
        entered.set()
