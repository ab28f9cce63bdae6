"""A shop whose orders are paid, shipped, and come back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.payments import queries as on_payments
from backoffice_api.domain.payments.commands.creating import CreatePayment, create_payment
from backoffice_api.domain.payments.commands.moving import RecordIncoming, record_incoming
from backoffice_api.domain.payments.model.payments import PaymentMethod
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.commands.inspecting import InspectReturn, inspect_return
from backoffice_api.domain.returns.commands.policies import SetReturnPolicy, set_return_policy
from backoffice_api.domain.returns.commands.receiving import ReceiveReturn, receive_return
from backoffice_api.domain.returns.commands.refunding import RefundReturn, refund_return
from backoffice_api.domain.returns.commands.requesting import RequestReturn, request_return
from backoffice_api.domain.returns.commands.resolving import ResolveReturn, resolve_return
from backoffice_api.domain.returns.model.drafts import (
    InspectedDraft,
    RefundedDraft,
    ReturnLineDraft,
)
from backoffice_api.domain.returns.model.inspections import Disposition, Resolution
from backoffice_api.domain.returns.model.returns import LinePieces, Return, ReturnLine
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.model.levels import AdjustLine
from tests.fulfillment.hall import Hall
from tests.orders.shop import goods
from tests.soundness import findings
from tests.world import NOW, World


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


class Desk(Hall):
    """Mugs cost 10.00 euros and cost the shop 4.00. Ana buys them; what she sends back is allowed.

    No policy has a limit unless a test sets one.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.mug = self.stocked("MUG", 5_000)
        draft = CustomerDraft(kind=CustomerKind.PERSON, name="Ana")
        self.ana: UUID = world.run(create_customer, CreateCustomer(draft=draft)).value
        self.policy(code="usual", window_days=30)

    def stocked(self, sku: str, pieces: int, cost: int = 4_000_000) -> UUID:
        """A variant at 10.00 euros, with pieces in NORTH that cost so many millionths each."""
        id = self.variant(sku)
        line = AdjustLine(
            variant_id=id,
            location_id=self.north,
            set_to=pieces,
            unit_cost=UnitPrice(cost, "EUR"),
        )
        self.world.run(adjust_stock, AdjustStock(lines=(line,)))
        return id

    def policy(self, **values: Any) -> UUID:
        given = {"code": "usual", "currency": "EUR", **values}
        id: UUID = self.world.run(set_return_policy, SetReturnPolicy(**given)).value
        return id

    def bought(self, mugs: int = 3, *, paid: bool = True, **values: Any) -> UUID:
        """An order of Ana's that is paid and has left the house."""
        return self.sent(goods("MUG", mugs), paid=paid, **values)

    def sent(self, *lines: Any, paid: bool = True, **values: Any) -> UUID:
        order_id = self.place(*lines, **{"customer_id": self.ana, **values})
        if paid:
            self.pay(order_id)
        for id in self.plan(order_id):
            self.release(id)
            self.pick(id)
            self.pack(id)
            self.send(id)
        return order_id

    def pay(self, order_id: UUID, minor: int | None = None) -> UUID:
        amount = None if minor is None else euros(minor)
        command = CreatePayment(
            order_id=order_id, method=PaymentMethod.BANK_TRANSFER, amount=amount
        )
        id: UUID = self.world.run(create_payment, command).value
        self.world.run(record_incoming, RecordIncoming(id=id))
        return id

    def line(self, order_id: UUID, quantity: int = 1, **values: Any) -> ReturnLineDraft:
        """So many units of the first line of an order, to come back."""
        first = self.lines(order_id)[0]
        return ReturnLineDraft(order_line_id=first.id, quantity=quantity, **values)

    def request(self, *lines: ReturnLineDraft, now: datetime = NOW, **values: Any) -> UUID:
        command = RequestReturn(lines=lines, **{"location_id": self.north, **values})
        id: UUID = self.world.run(request_return, command, now=now).value
        return id

    def receive(self, id: UUID, *pieces: int) -> None:
        """So many pieces of each line, in order; all that are awaited, if none are named."""
        of = self.of_return(id)
        counts = pieces or [line.awaited for line in of]
        lines = tuple(
            LinePieces(line.id, count) for line, count in zip(of, counts, strict=False) if count
        )
        self.world.run(receive_return, ReceiveReturn(id=id, lines=lines))

    def inspect(
        self,
        id: UUID,
        quantity: int | None = None,
        disposition: Disposition = Disposition.RESTOCK,
        resolution: Resolution = Resolution.REFUND,
        at: int = 0,
        **values: Any,
    ) -> None:
        """Decide of pieces of one line; of all that are here, if no number is named."""
        line = self.of_return(id)[at]
        draft = InspectedDraft(
            line_id=line.id,
            quantity=line.to_inspect if quantity is None else quantity,
            disposition=disposition,
            resolution=resolution,
            **values,
        )
        self.world.run(inspect_return, InspectReturn(id=id, pieces=(draft,)))

    def refund(self, id: UUID, quantity: int | None = None, at: int = 0, **values: Any) -> None:
        """Pay pieces of one line back; all that may be, if no number is named."""
        amount = values.pop("amount", None)
        lines: tuple[RefundedDraft, ...] = ()
        if quantity is not None:
            line_id = self.of_return(id)[at].id
            lines = (RefundedDraft(line_id=line_id, quantity=quantity, amount=amount),)
        self.world.run(refund_return, RefundReturn(id=id, lines=lines, **values))

    def resolve(self, id: UUID) -> None:
        self.world.run(resolve_return, ResolveReturn(id=id))

    def back(self, order_id: UUID, quantity: int = 1, **values: Any) -> UUID:
        """A return of an order whose goods are here and are to be paid back."""
        id = self.request(self.line(order_id, quantity, **values))
        self.receive(id)
        self.inspect(id)
        return id

    def return_(self, id: UUID) -> Return:
        found: Return = self.world.read(queries.return_, id)
        return found

    def of_return(self, id: UUID) -> Sequence[ReturnLine]:
        found: Sequence[ReturnLine] = self.world.read(queries.lines_of, id)
        return found

    def balance(self) -> int:
        found = self.world.read(on_payments.store_credits_by_customers, [self.ana])
        return sum(each.balance_minor for each in found.get(self.ana, ()))

    def wrong(self) -> list[str]:
        """What of all checks does not hold."""
        return [each.check.says for each in findings(self.world.database, CHECKS)]
