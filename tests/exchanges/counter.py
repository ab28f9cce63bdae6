"""A counter at which goods come back: orders that were paid and sent, and what becomes of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.orders import checks as orders
from backoffice_api.domain.orders.model.orders import AddressKind
from backoffice_api.domain.payments import checks as payments
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.returns import checks as returns
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.commands.deciding import ApproveReturn, approve_return
from backoffice_api.domain.returns.commands.exchanging import (
    CreateExchange,
    OutgoingLine,
    SettleExchange,
    create_exchange,
    settle_exchange,
)
from backoffice_api.domain.returns.commands.inspecting import (
    InspectReturn,
    inspect_return,
)
from backoffice_api.domain.returns.commands.receiving import ReceiveReturn, receive_return
from backoffice_api.domain.returns.commands.requesting import RequestReturn, request_return
from backoffice_api.domain.returns.model.drafts import InspectedDraft, ReturnLineDraft
from backoffice_api.domain.returns.model.exchanges import Exchange, SendWhen
from backoffice_api.domain.returns.model.inspections import Disposition, Resolution
from backoffice_api.domain.returns.model.returns import LinePieces, Return, ReturnLine
from backoffice_api.domain.returns.queries import exchanges as on_exchanges
from backoffice_api.domain.stock import checks as stock
from tests.orders.shop import Shop, address, goods
from tests.payments.till import Till
from tests.soundness import broken
from tests.world import World

_CHECKS = (*stock.CHECKS, *orders.CHECKS, *payments.CHECKS, *returns.CHECKS)


class Counter:
    """Ana has bought mugs at 10.00 euros; there are pens at 4.00 and bags at 25.00."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.till = Till(world)
        self.shop: Shop = self.till.shop
        self.mug = self.till.mug
        self.pen = self.shop.variant("PEN", 50, price=UnitPrice(4_000_000, "EUR"))
        self.bag = self.shop.variant("BAG", 50, price=UnitPrice(25_000_000, "EUR"))

    @property
    def location(self) -> UUID:
        return self.shop.locations[0]

    def sold(self, mugs: int = 3, *, paid: bool = True, **values: Any) -> UUID:
        """An order that was paid in cash and sent."""
        order = self.shop.place(
            goods("MUG", mugs),
            customer_id=self.till.ana,
            shipping_address=address(AddressKind.SHIPPING),
            **values,
        )
        if paid:
            self.till.record(self.till.pay(order, PaymentMethod.BANK_TRANSFER))
        self.shop.ship(order, mugs)
        return order

    def returned(self, order: UUID, mugs: int = 3, *, approve: bool = True, **values: Any) -> UUID:
        """A return of mugs, approved."""
        draft = ReturnLineDraft(order_line_id=self.shop.lines(order)[0].id, quantity=mugs, **values)
        id: UUID = self.world.run(request_return, RequestReturn(lines=(draft,))).value
        if approve:
            self.world.run(approve_return, ApproveReturn(id=id))
        return id

    def exchange(self, return_id: UUID, variant: UUID, quantity: int = 1, **values: Any) -> UUID:
        lines = (OutgoingLine(variant_id=variant, quantity=quantity),)
        command = CreateExchange(return_id=return_id, lines=lines, **values)
        id: UUID = self.world.run(create_exchange, command).value
        return id

    def receive(self, return_id: UUID, mugs: int) -> None:
        pieces = (LinePieces(self.lines(return_id)[0].id, mugs),)
        command = ReceiveReturn(id=return_id, lines=pieces, location_id=self.location)
        self.world.run(receive_return, command)

    def inspect(
        self, return_id: UUID, mugs: int, resolution: Resolution = Resolution.EXCHANGE
    ) -> None:
        draft = InspectedDraft(
            line_id=self.lines(return_id)[0].id,
            quantity=mugs,
            disposition=Disposition.RESTOCK,
            resolution=resolution,
        )
        self.world.run(inspect_return, InspectReturn(id=return_id, pieces=(draft,)))

    def settle(self, exchange_id: UUID) -> Exchange:
        self.world.run(settle_exchange, SettleExchange(id=exchange_id))
        return self.of(exchange_id)

    def of(self, exchange_id: UUID) -> Exchange:
        found: Exchange = self.world.read(on_exchanges.exchange, exchange_id)
        return found

    def return_(self, id: UUID) -> Return:
        found: Return = self.world.read(queries.return_, id)
        return found

    def lines(self, return_id: UUID) -> Sequence[ReturnLine]:
        found: Sequence[ReturnLine] = self.world.read(queries.lines_of, return_id)
        return found

    def broken(self) -> list[str]:
        """Ids of the checks that do not hold."""
        return broken(self.world.database, _CHECKS)


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


AT_ONCE = {"send_when": SendWhen.AT_ONCE}
