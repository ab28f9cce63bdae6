"""kill -9 before every statement and commit of a worker that charges a card: charged once."""

from sqlalchemy import select

from backoffice_api.context import Threads
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.payments.tables import operations
from tests.killing import killed_at_each_step
from tests.payments.dying import Ledger, ask
from tests.payments.till import Till
from tests.thorough import usually_on
from tests.world import World


@usually_on("postgresql")
class TestWorker:
    def test_that_dies_charges_once(self, database_url, opens, tmp_path):
        database = opens(database_url)
        threads = Threads(database, 2)
        till = Till(World(database, threads))
        order = till.order()
        values = {"provider": "fake", "token": "tok_1", "capture_at_once": True}
        till.pay(order, PaymentMethod.CARD, **values)
        with database.reading.connect() as db:
            (operation,) = db.execute(select(operations.c.id)).scalars()
        ledger = Ledger(tmp_path / "charges")
        deaths, came_to = 0, set()

        given = (database_url, str(ledger.file), operation.hex)
        for _ in killed_at_each_step(ask, *given, every=2):
            deaths += 1
            came_to.add((sum(ledger.charges()), till.state(order)[0]))

        threads.shutdown()
        assert ledger.charges() == [10_000]
        assert till.state(order) == ("paid", 0, 10_000, 0, 0)
        # It died before the charge, after the charge, and after it was settled.
        assert (0, "unpaid") in came_to
        assert (10_000, "unpaid") in came_to
        assert came_to <= {(0, "unpaid"), (10_000, "unpaid"), (10_000, "paid")}
        assert deaths > 4
        assert till.broken() == []
