"""A buyer's desk for tests: a supplier, two variants, a warehouse, and orders in any state."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.checks import CHECKS
from backoffice_api.domain.purchasing.commands.approving import (
    ApprovePurchaseOrder,
    SetApprovalLimit,
    SubmitPurchaseOrder,
    approve_purchase_order,
    set_approval_limit,
    submit_purchase_order,
)
from backoffice_api.domain.purchasing.commands.drafts import (
    CreatePurchaseOrder,
    create_purchase_order,
)
from backoffice_api.domain.purchasing.commands.items import (
    BreakDraft,
    CreateSupplierItem,
    create_supplier_item,
)
from backoffice_api.domain.purchasing.commands.lines import PurchaseLineDraft
from backoffice_api.domain.purchasing.commands.receiving import (
    ReceivePurchase,
    receive_purchase,
)
from backoffice_api.domain.purchasing.commands.scans import ReceivedLine
from backoffice_api.domain.purchasing.commands.sending import (
    SendPurchaseOrder,
    send_purchase_order,
)
from backoffice_api.domain.purchasing.commands.suppliers import (
    CreateSupplier,
    create_supplier,
)
from backoffice_api.domain.purchasing.model.lines import PurchaseOrderLine
from backoffice_api.domain.purchasing.model.orders import PurchaseOrder
from backoffice_api.domain.stock.checks import CHECKS as STOCK_CHECKS
from tests.soundness import broken
from tests.stock.depot import Depot
from tests.world import World

ANNA = Caller(Actor(ActorKind.STAFF, UUID(int=101), "Anna"), ALL_SCOPES)
BERT = Caller(Actor(ActorKind.STAFF, UUID(int=102), "Bert"), ALL_SCOPES)


def euros(text: str) -> Money:
    whole, _, cents = text.partition(".")
    return Money(int(whole) * 100 + int(cents or 0), "EUR")


def price(micro: int) -> UnitPrice:
    return UnitPrice(micro, "EUR")


class Desk:
    """Supplier ACME sells A (1.25 each, packs of 6) and B (0.055 each) to the shop."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.depot = Depot(world)
        self.a, self.b = self.depot.variants("A", "B")
        self.acme = self.supplier("ACME", lead_time_days=7)
        self.item_a = self.item("ACME-A", self.a, (1, 1_250_000), (100, 1_100_000), pack_size=6)
        self.item_b = self.item("ACME-B", self.b, (1, 55_000))

    def supplier(self, code: str, **values: Any) -> UUID:
        given = {"code": code, "name": code.title(), "currency": "EUR", **values}
        id: UUID = self.world.run(create_supplier, CreateSupplier(**given)).value
        return id

    def item(self, sku: str, variant_id: UUID, *breaks: tuple[int, int], **values: Any) -> UUID:
        given = {"supplier_id": self.acme, "is_preferred": True, **values}
        prices = tuple(BreakDraft(quantity, price(micro)) for quantity, micro in breaks)
        command = CreateSupplierItem(
            variant_id=variant_id, supplier_sku=sku, prices=prices, **given
        )
        id: UUID = self.world.run(create_supplier_item, command).value
        return id

    def draft(self, *lines: tuple[UUID, int], **values: Any) -> UUID:
        """A draft made by Anna."""
        drafts = tuple(PurchaseLineDraft(variant_id=id, quantity=many) for id, many in lines)
        given = {"supplier_id": self.acme, "location_id": self.depot.north, **values}
        command = CreatePurchaseOrder(lines=drafts, **given)
        id: UUID = self.world.run(create_purchase_order, command, caller=ANNA).value
        return id

    def approved(self, *lines: tuple[UUID, int], **values: Any) -> UUID:
        """An order that Anna made and Bert approved."""
        id = self.draft(*lines, **values)
        self.world.run(submit_purchase_order, SubmitPurchaseOrder(id=id), caller=ANNA)
        self.world.run(approve_purchase_order, ApprovePurchaseOrder(id=id), caller=BERT)
        return id

    def sent(self, *lines: tuple[UUID, int], **values: Any) -> UUID:
        id = self.approved(*lines, **values)
        self.world.run(send_purchase_order, SendPurchaseOrder(id=id))
        return id

    def limit(self, amount: str) -> None:
        self.world.run(set_approval_limit, SetApprovalLimit(limit=euros(amount)))

    def receive(self, order: UUID, *pieces: tuple[int, int, int], **values: Any) -> UUID:
        """Receive of lines by position: accepted and rejected pieces. Id of the receipt."""
        lines = self.lines(order)
        received = tuple(
            ReceivedLine(line_id=lines[at].id, accepted=accepted, rejected=rejected)
            for at, accepted, rejected in pieces
        )
        command = ReceivePurchase(id=order, lines=received, **values)
        id: UUID = self.world.run(receive_purchase, command).value
        return id

    def order(self, id: UUID) -> PurchaseOrder:
        found: PurchaseOrder = self.world.read(queries.orders_by_ids, [id])[id]
        return found

    def status(self, id: UUID) -> str:
        return self.order(id).status.name

    def lines(self, id: UUID) -> Sequence[PurchaseOrderLine]:
        found: Sequence[PurchaseOrderLine] = self.world.read(queries.lines_of, id)
        return found

    def pieces(self, id: UUID) -> Sequence[tuple[int, int, int, int, int]]:
        """Of each line: ordered, received, rejected, cancelled and returned pieces."""
        return [
            (each.quantity, each.received, each.rejected, each.cancelled, each.returned)
            for each in self.lines(id)
        ]

    def on_hand(self, variant_id: UUID) -> int:
        """Pieces of a variant in NORTH."""
        level = self.depot.levels().get((variant_id, self.depot.north))
        return level.on_hand if level else 0

    def broken(self) -> Sequence[str]:
        """Ids of the checks of purchasing and stock that do not hold."""
        return broken(self.world.database, (*STOCK_CHECKS, *CHECKS))
