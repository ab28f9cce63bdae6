"""A database that an earlier version has filled goes up to the newest revision, and work goes on.

`rows_of_0001.sql` is what the code of revision 0001 wrote. It is frozen: tests of later revisions
add to it what only they could hold, in a file of their own, as `rows_of_0004.sql`.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, MetaData, Table, inspect, select, text
from sqlalchemy.exc import IntegrityError

from backoffice_api.context import Threads
from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.field_history import event_fields
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.orders import CancelReason
from backoffice_api.domain.products.tables import (
    barcodes,
    cost_history,
    price_history,
    variants,
)
from backoffice_api.domain.purchasing.tables.orders import purchase_order_lines, receipt_lines
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.commands.moves import MoveStock, move_stock
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.levels import AdjustLine, MoveLine
from backoffice_api.domain.stock.model.locations import LocationKind
from backoffice_api.domain.stock.tables import levels
from backoffice_api.migrate import migrate
from tests import soundness
from tests.databases import Copies
from tests.test_migrations import checks, extras
from tests.thorough import THOROUGH
from tests.world import NOW, World

ROWS_OF_0001 = Path(__file__).with_name("rows_of_0001.sql")
ROWS_OF_0004 = Path(__file__).with_name("rows_of_0004.sql")


def id_of(number: int) -> UUID:
    """The id that ends with this number in the file."""
    return UUID(f"0195505d000070008000{number:012}")


NORTH, CUP, POT, ORDER = id_of(3), id_of(8), id_of(18), id_of(29)

Rows = dict[str, list[dict[str, Any]]]


def fill(db: Connection, file: Path) -> None:
    """Run the file. It writes ids as SQLite does, and times in UTC."""
    script = re.sub("--.*", "", file.read_text(encoding="utf-8"))
    if db.dialect.name == "postgresql":
        script = re.sub(r"X('[0-9a-f]{32}')", r"\1", script)
        db.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
        db.exec_driver_sql("SELECT setval('event_sequence', 100)")
    for statement in script.split(";\n"):
        if statement.strip():
            db.exec_driver_sql(statement)


def rows(db: Connection, like: Rows | None = None) -> Rows:
    """All rows of all tables as the database has them, or the columns of those that `like` has."""
    metadata = MetaData()
    metadata.reflect(db, resolve_fks=False)
    found: Rows = {}
    for table in metadata.tables.values():
        if table.name.startswith("search_fts") or (like and table.name not in like):
            continue
        old = like[table.name][0] if like else table.c.keys()
        columns = [table.c[name] for name in old]
        each = [dict(row) for row in db.execute(select(*columns)).mappings()]
        if each and table.name != "alembic_version":
            found[table.name] = sorted(each, key=repr)
    return found


def findings(database: Database) -> list[str]:
    """What `backoffice verify` has to say, but for what `keys rotate` has not sealed yet."""
    found = soundness.findings(database, CHECKS)
    return [each.check.says for each in found if each.check.id != "SEC-5"]


def cells(db: Connection, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of all rows, in their own order."""
    found = db.execute(select(*(table.c[name] for name in columns)))
    return sorted((tuple(row) for row in found), key=repr)


def refuses_changes(database: Database, table: str) -> bool:
    for change in (f"UPDATE {table} SET reason = 'x'", f"DELETE FROM {table}"):
        with database.writing.connect() as db, pytest.raises(IntegrityError):
            db.execute(text(change))
    return True


def move(variant_id: UUID, quantity: int, **to: Any) -> MoveLine:
    """From NORTH to somewhere else, or to another bucket there."""
    places = {"from_location_id": NORTH, "to_location_id": NORTH, **to}
    return MoveLine(variant_id=variant_id, quantity=quantity, **places)


def make_0001(url: str) -> None:
    """A database at revision 0001, filled."""
    migrate(url, "0001")
    filled(url, ROWS_OF_0001)


def make_0004(url: str) -> None:
    """The same at revision 0004, with what only that could hold."""
    make_0001(url)
    migrate(url, "0004")
    filled(url, ROWS_OF_0004)


def upgrade_0001(url: str) -> None:
    make_0001(url)
    migrate(url)


def upgrade_0004(url: str) -> None:
    make_0004(url)
    migrate(url)


def filled(url: str, file: Path) -> None:
    database = open_database(url)
    with database.writing.begin() as db:
        fill(db, file)
    database.dispose()


@pytest.fixture
def copied(copies: Copies, opens: Callable[..., Database]) -> Iterator[Callable[..., Database]]:
    """Gives a copy of what one of the functions above makes."""
    with ExitStack() as dropping:

        def copied(make: Callable[[str], None]) -> Database:
            url = copies.made(make.__name__, make)
            dropping.callback(copies.drop, url)
            return opens(url)

        yield copied


def url_of(database: Database) -> str:
    return database.writing.url.render_as_string(hide_password=False)


@pytest.fixture
def upgraded(copied: Callable[..., Database]) -> Iterator[World]:
    """The shop of 0001 and 0004, brought to the newest revision."""
    database = copied(upgrade_0004)
    threads = Threads(database, pool_size=2)
    yield World(database, threads)
    threads.shutdown()


class TestUpgradeFrom0001:
    def test_keeps_all_rows_on_the_way_to_0004_and_back(
        self, copied: Callable[..., Database]
    ) -> None:
        with copied(make_0001).reading.connect() as db:
            before, said = rows(db), (extras(db), checks(db))

        old = copied(make_0001)
        migrate(url_of(old), "0004")
        with old.reading.connect() as db:
            after = rows(db, like=before)
        migrate(url_of(old), "0001", down=True)
        with old.reading.connect() as db:
            back, says = rows(db), (extras(db), checks(db))

        assert len(before) > 10
        assert after == before
        assert back == before
        assert says == said

    @pytest.mark.skipif(not THOROUGH, reason="0004 below is made of 0001, and goes as far")
    def test_keeps_all_rows_there_and_back(self, copied: Callable[..., Database]) -> None:
        with copied(make_0001).reading.connect() as db:
            before, said = rows(db), (extras(db), checks(db))

        old = copied(upgrade_0001)
        with old.reading.connect() as db:
            after = rows(db, like=before)
        clean = findings(old) == []
        refused = refuses_changes(old, "stock_movements") and refuses_changes(old, "events")
        migrate(url_of(old), "0001", down=True)
        with old.reading.connect() as db:
            back, says = rows(db), (extras(db), checks(db))

        assert len(before) > 10
        assert after == before
        assert clean
        assert refused
        assert back == before
        assert says == said
        assert refuses_changes(old, "stock_movements")

    async def test_lets_work_go_on(self, upgraded: World) -> None:
        world, later = upgraded, NOW + timedelta(hours=1)
        cup: dict[str, Any] = {"variant_id": CUP, "location_id": NORTH}

        bin_id = world.run(
            create_location,
            CreateLocation(code="N-1", name="Bin", kind=LocationKind.BIN, parent_id=NORTH),
            now=later,
        ).value
        bought = AdjustLine(**cup, delta=5, unit_cost=UnitPrice(2_000_000, "EUR"))
        world.run(adjust_stock, AdjustStock(lines=(bought,)), now=later)
        to_bin = move(CUP, 3, to_location_id=bin_id)
        aside = move(CUP, 2, to_bucket=Bucket.DAMAGED)
        world.run(move_stock, MoveStock(lines=(to_bin, aside)), now=later)
        world.run(cancel_order, CancelOrder(id=ORDER, reason=CancelReason.CUSTOMER), now=later)
        world.settle()
        answer = await world.graphql("{ events(first: 100) { nodes { type data } } }")

        assert findings(world.database) == []
        assert world.read(orders.orders_by_ids, [ORDER])[ORDER].unshipped == 0
        seen = [each["type"] for each in answer["events"]["nodes"]]
        assert seen[0] == "channel.created"
        assert seen[-1] == "reservation.released"

    def test_is_not_undone_where_the_old_tables_lack_words(
        self, copied: Callable[..., Database]
    ) -> None:
        """From 0004, to which all rows come back, as is shown below."""
        filled = copied(make_0004)
        aside = "bucket = 'quarantine', negative_allowed = false"
        with filled.writing.begin() as db:
            db.execute(text(f"UPDATE stock_levels SET {aside} WHERE reserved = 0 AND safety = 0"))

        with pytest.raises(Exception, match="0001 does not know pieces in other buckets"):
            migrate(url_of(filled), "0001", down=True)

        with filled.reading.connect() as db:
            assert "suppliers" in inspect(db).get_table_names()


class TestUpgradeFrom0004:
    def test_keeps_all_rows_there_and_back(self, copied: Callable[..., Database]) -> None:
        with copied(make_0004).reading.connect() as db:
            before, said = rows(db), (extras(db), checks(db))

        bought = copied(upgrade_0004)
        with bought.reading.connect() as db:
            after = rows(db, like=before)
        clean = findings(bought)
        refused = refuses_changes(bought, "stock_movements")
        migrate(url_of(bought), "0004", down=True)
        with bought.reading.connect() as db:
            back, says = rows(db), (extras(db), checks(db))

        assert after == before
        assert clean == []
        assert refused
        assert back == before
        assert says == said

    def test_gives_them_the_words_of_today(self, copied: Callable[..., Database]) -> None:
        with copied(make_0004).reading.connect() as db:
            told = db.execute(select(events.c.sequence).where(events.c.subject_version > 1)).all()

        bought = copied(upgrade_0004)

        with bought.reading.connect() as db:
            assert cells(db, barcodes, "code", "level") == [("CUP-1", "each"), ("CUP-6", "inner")]
            assert cells(db, variants, "sku", "kind") == [("CUP", "single"), ("POT", "single")]
            assert cells(db, price_history, "variant_id", "price_micro", "valid_from") == [
                (CUP, 10_000_000, NOW),
                (POT, 10_000_000, NOW),
            ]
            assert cells(db, cost_history, "variant_id", "cost_micro", "source", "valid_to") == [
                (CUP, 2_500_000, "manual", None)
            ]
            assert cells(db, receipt_lines, "rejected", "bucket", "lot_code") == [
                (2, "sellable", None)
            ]
            assert cells(db, purchase_order_lines, "quantity", "open") == [(5, 5)]
            assert {each.available for each in db.execute(select(levels.c.available))} == {
                2,
                3,
                4,
                6,
            }
            noted = db.execute(select(event_fields.c.sequence).distinct()).all()
            assert len(told) > 0
            assert set(noted) == set(told)

    def test_refuses_from_then_on_what_was_let_through(
        self, copied: Callable[..., Database]
    ) -> None:
        bought = copied(make_0004)
        nobody = "UPDATE supplier_bank_changes SET decided_by_kind = NULL, decided_by_id = NULL"
        itself = "UPDATE supplier_bank_changes SET decided_by_id = proposed_by_id"
        below = "UPDATE purchase_order_lines SET subtotal_minor = -1"
        kit = "UPDATE variants SET kind = 'kit'"
        with bought.writing.connect() as db:
            for before in (nobody, below):
                db.execute(text(before))

        migrate(url_of(bought))

        for wrong in (nobody, itself, below, kit):
            with bought.writing.connect() as db, pytest.raises(IntegrityError):
                db.execute(text(wrong))
