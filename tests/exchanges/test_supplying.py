"""Pieces that came back and go on to the supplier. On both databases."""

from types import SimpleNamespace
from uuid import UUID

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.returns.commands.inspecting import InspectReturn, inspect_return
from backoffice_api.domain.returns.commands.receiving import ReceiveReturn, receive_return
from backoffice_api.domain.returns.model.drafts import InspectedDraft
from backoffice_api.domain.returns.model.inspections import Disposition, Resolution
from backoffice_api.domain.returns.model.returns import LinePieces
from backoffice_api.domain.returns.model.supplying import (
    BoughtLine,
    HeldForSupplier,
    dealt_out,
)
from tests.orders.shop import goods
from tests.purchasing.desk import Desk

SEND = """
mutation ($id: ID!) {
  returnToSupplier(id: $id, input: {reason: "Cracked"}) {
    purchaseReturns { number reason amount { amount } order { id } }
    userErrors { code path }
    effects { kind }
  }
}
"""
SHOWN = "query ($id: ID!) { return(id: $id) { supplierReturns { number } } }"
A, HERE, THERE = (UUID(int=number) for number in (1, 2, 3))


@pytest.fixture
def desk(counter):
    """A desk that buys A for the counter's own warehouse."""
    desk = Desk.__new__(Desk)
    desk.world, desk.depot = counter.world, SimpleNamespace(north=counter.location)
    desk.a = counter.shop.variant("A", 1, price=UnitPrice(3_000_000, "EUR"))
    desk.acme = desk.supplier("ACME")
    desk.item("ACME-A", desk.a, (1, 1_250_000))
    return desk


def set_aside(counter, desk, sold, pieces, disposition=Disposition.TO_SUPPLIER):
    """A return of A, bought at 1.25, of which so many pieces are for the supplier."""
    order = counter.shop.place(goods("A", sold), customer_id=counter.till.ana)
    counter.shop.ship(order, sold)
    back = counter.returned(order, pieces)
    lines = (LinePieces(counter.lines(back)[0].id, pieces),)
    command = ReceiveReturn(id=back, lines=lines, location_id=desk.depot.north)
    counter.world.run(receive_return, command)
    draft = InspectedDraft(
        line_id=counter.lines(back)[0].id,
        quantity=pieces,
        disposition=disposition,
        resolution=Resolution.REFUND,
    )
    counter.world.run(inspect_return, InspectReturn(id=back, pieces=(draft,)))
    return back


class TestReturnToSupplier:
    async def test_makes_a_debit_note(self, counter, desk):
        bought = desk.sent((desk.a, 6))
        desk.receive(bought, (0, 6, 0))
        back = ids.text("ret", set_aside(counter, desk, 4, 3))

        done = (await counter.world.graphql(SEND, id=back))["returnToSupplier"]

        (made,) = done["purchaseReturns"]
        assert (made["reason"], made["amount"]["amount"]) == ("Cracked", "3.75")
        assert made["order"]["id"] == ids.text("por", bought)
        assert "supplier.debit_noted" in {each["kind"] for each in done["effects"]}
        shown = (await counter.world.graphql(SHOWN, id=back))["return"]["supplierReturns"]
        assert shown == [{"number": made["number"]}]
        assert counter.broken() == []
        again = (await counter.world.graphql(SEND, id=back))["returnToSupplier"]
        assert again["userErrors"] == [{"code": "NOTHING_FOR_SUPPLIER", "path": ["id"]}]

    async def test_sends_no_more_than_was_bought(self, counter, desk):
        back = set_aside(counter, desk, 1, 1)

        done = (await counter.world.graphql(SEND, id=ids.text("ret", back)))["returnToSupplier"]

        assert [each["code"] for each in done["userErrors"]] == ["NOT_BOUGHT_THERE"]


class TestDealtOut:
    def test_takes_the_first_that_is_bought_where_it_lies(self):
        held = HeldForSupplier(UUID(int=9), A, HERE, None, 5)
        lines = [
            BoughtLine(UUID(int=10 + at), UUID(int=20 + at), UUID(int=30), place, A, left)
            for at, (place, left) in enumerate(((THERE, 9), (HERE, 2), (HERE, 1)))
        ]

        found, missing = dealt_out([held], lines)

        assert [(each.bought.line_id, each.quantity) for each in found] == [
            (UUID(int=11), 2),
            (UUID(int=12), 1),
        ]
        assert missing == {A: 2}
