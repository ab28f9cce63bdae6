"""A shop with open books, and what stands in them."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.bookkeeping import checks
from backoffice_api.domain.bookkeeping.commands.opening import OpenBooks, open_books
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.fulfillment.commands.shaping import SplitFulfillment, split_fulfillment
from backoffice_api.domain.fulfillment.model.fulfillments import LinePieces
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.ledger.tables import accounts, entries, postings
from backoffice_api.domain.payments.commands.moving import RecordIncoming, record_incoming
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.model.levels import AdjustLine, AdjustmentKind
from tests.fulfillment.hall import Hall
from tests.payments.till import Till
from tests.soundness import broken
from tests.world import NOW, World


class CountingHouse(Till):
    """Mugs that cost 4.00 euros and sell at 10.00; the books are opened when a test says so."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hall = self.shop = Hall(world)
        self.mug = self.hall.variant("MUG")
        self.adjust(self.mug, 1_000, 4_000_000)
        draft = CustomerDraft(kind=CustomerKind.PERSON, name="Ana")
        self.ana = world.run(create_customer, CreateCustomer(draft=draft)).value

    def adjust(self, variant_id: UUID, delta: int, cost_micro: int | None = None) -> None:
        line = AdjustLine(
            variant_id=variant_id,
            location_id=self.hall.north,
            delta=delta,
            unit_cost=None if cost_micro is None else UnitPrice(cost_micro, "EUR"),
        )
        kind = AdjustmentKind.CORRECTION
        self.world.run(adjust_stock, AdjustStock(kind=kind, lines=(line,)))

    def product(self, variant_id: UUID) -> UUID:
        found = self.world.read(products.variants_by_ids, [variant_id])
        id: UUID = found[variant_id].product_id
        return id

    def open(self) -> UUID:
        return opened(self.world)

    def recording(self, payment_id: UUID) -> tuple[Any, Any]:
        """How it is noted that the money of a payment has come."""
        return record_incoming, RecordIncoming(id=payment_id)

    def paid(self, order_id: UUID, minor: int | None = None) -> UUID:
        """A transfer for an order has come."""
        id = self.pay(order_id, PaymentMethod.BANK_TRANSFER, minor)
        self.record(id)
        return id

    def shipped(self, order_id: UUID, pieces: int | None = None) -> None:
        """All of an order, or so many pieces of each line, leaves the house."""
        planned = [each.id for each in self.hall.of_order(order_id) if each.shipped_at is None]
        id = planned[0] if planned else self.hall.plan(order_id)[0]
        wanted = {each.id: pieces for each in self.hall.rows(id) if each.quantity > (pieces or 0)}
        if pieces is not None and wanted:
            lines = tuple(
                LinePieces(line_id=each.id, quantity=pieces) for each in self.hall.rows(id)
            )
            id = self.world.run(split_fulfillment, SplitFulfillment(id=id, lines=lines)).value
        self.hall.packed(id)
        self.hall.send(id)

    def trial(self) -> dict[str, int]:
        """Debits less credits of every account with a balance, by its role."""
        return self.world.read(trial_balance)  # type: ignore[no-any-return]

    def sources(self) -> list[str]:
        """The kinds of what entries were made for, in the order of making."""
        found = self.world.read(
            lambda db: db.execute(select(entries.c.source).order_by(entries.c.id)).scalars().all()
        )
        return [each.split(":")[0] for each in found]

    def since(self) -> dict[str, int]:
        """The same without what the shop began with: stock, and its other side."""
        found = Counter(self.trial())
        found.subtract({"inventory": 400_000, "opening": -400_000})
        return {role: minor for role, minor in found.items() if minor}

    def wrong(self) -> list[str]:
        """What `verify` finds wrong in the books."""
        return wrong(self.world)


def opened(world: World, now: datetime = NOW - timedelta(minutes=1)) -> UUID:
    """Open the books a moment before all else happens, so that the checks look at it."""
    id: UUID = world.run(open_books, OpenBooks(), now=now).value
    return id


def wrong(world: World) -> list[str]:
    return broken(world.database, checks.CHECKS)


def trial_balance(db: Connection) -> dict[str, int]:
    of, sums = postings.c, Counter[str]()
    roles = {row.id: row.role.value for row in db.execute(select(accounts.c.id, accounts.c.role))}
    for row in db.execute(select(of.debit_account_id, of.credit_account_id, of.amount_minor)):
        sums[roles[row[0]]] += row[2]
        sums[roles[row[1]]] -= row[2]
    return {role: minor for role, minor in sorted(sums.items()) if minor}
