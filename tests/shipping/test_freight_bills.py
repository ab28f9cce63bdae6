"""What carriers charge becomes bills: what an invoice agrees on, and each variance by itself."""

from datetime import date
from uuid import UUID

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.payables import checks
from backoffice_api.domain.payables.commands.entering import CreateBill, create_bill
from backoffice_api.domain.payables.model.drafts import BillLineDraft
from backoffice_api.domain.purchasing.commands.suppliers import CreateSupplier, create_supplier
from backoffice_api.domain.shipping import queries
from tests.bookkeeping.counting_house import opened, trial_balance
from tests.orders.shop import euros
from tests.shipping.desk import Desk
from tests.soundness import broken
from tests.world import World, caller

SUPPLIED = """
mutation ($id: ID!, $supplier: ID!) {
  carrierUpdate(id: $id, input: {supplierId: $supplier}) {
    carrier { supplier { code } } userErrors { code path } } }
"""
RECORD = """
mutation ($input: FreightChargesRecordInput!) {
  freightChargesRecord(input: $input) { charges { id status } userErrors { code path } } }
"""
DISPUTE = """
mutation ($id: ID!) { freightChargeDispute(id: $id) {
  charge { bill { number kind status reason total { amount } } } userErrors { code } } }
"""
ACCEPT = DISPUTE.replace("freightChargeDispute", "freightChargeAccept")
BILLS = """
{ bills(first: 9, sort: {key: CREATED_AT, direction: ASC}) { nodes {
    id number kind status total { amount } freightCharge { trackingNumber } } } }
"""
APPROVE = """
mutation ($id: ID!) {
  billSubmit(id: $id) { userErrors { code } } billApprove(id: $id) { userErrors { code } } }
"""


@pytest.fixture
def house(desk: Desk) -> Desk:
    """The books are open, and the carrier is a supplier."""
    opened(desk.world)
    return desk


def supplier(desk: Desk) -> UUID:
    made = CreateSupplier(code="SWIFT", name="Swift Carriers", currency="EUR")
    id: UUID = desk.run(create_supplier, made)
    return id


async def supply(desk: Desk) -> UUID:
    id = supplier(desk)
    given = {"id": ids.text("ctr", desk.carrier), "supplier": ids.text("sup", id)}
    done = await desk.world.graphql(SUPPLIED, **given)
    assert done["carrierUpdate"] == {"carrier": {"supplier": {"code": "SWIFT"}}, "userErrors": []}
    return id


async def record(desk: Desk, *charges: tuple[str, str]) -> list[str]:
    lines = [
        {"trackingNumber": number, "amount": {"amount": amount, "currency": "EUR"}}
        for number, amount in charges
    ]
    given = {"carrierId": ids.text("ctr", desk.carrier), "invoice": "I-1", "charges": lines}
    done = (await desk.world.graphql(RECORD, input=given))["freightChargesRecord"]
    assert done["userErrors"] == []
    return [each["id"] for each in done["charges"]]


async def bills(desk: Desk) -> list[tuple[str, str, str, str]]:
    nodes = (await desk.world.graphql(BILLS))["bills"]["nodes"]
    return [
        (each["number"], each["kind"], each["status"], each["total"]["amount"]) for each in nodes
    ]


def numbers(desk: Desk, count: int) -> list[str]:
    return [desk.shipment(desk.labelled()).tracking_number or "" for _ in range(count)]


async def approve(world: World, number: str) -> None:
    """By somebody else than who entered it."""
    nodes = (await world.graphql(BILLS))["bills"]["nodes"]
    (id,) = [each["id"] for each in nodes if each["number"] == number]
    await world.graphql(APPROVE, id=id)
    other = caller(*Scope)
    done = await world.graphql(APPROVE, caller=other, id=id)
    assert done["billApprove"]["userErrors"] == []


class TestFreightBills:
    async def test_are_what_agrees_and_one_for_each_variance(self, house: Desk) -> None:
        await supply(house)
        agrees, above, below = numbers(house, 3)

        _, dear, cheap, unknown = await record(
            house, (agrees, "5.00"), (above, "6.50"), (below, "4.00"), ("nobody", "3.00")
        )
        assert await bills(house) == [("I-1", "BILL", "DRAFT", "14.00")]
        done = await house.world.graphql(DISPUTE, id=dear)
        assert done["freightChargeDispute"]["charge"]["bill"] == {
            "number": "I-1/2",
            "kind": "BILL",
            "status": "DISPUTED",
            "reason": f"Charged by the carrier beyond what was expected: parcel {above}",
            "total": {"amount": "1.50"},
        }
        done = await house.world.graphql(DISPUTE, id=cheap)
        assert done["freightChargeDispute"]["charge"]["bill"] is None
        done = await house.world.graphql(ACCEPT, id=unknown)
        assert done["freightChargeAccept"]["charge"]["bill"]["status"] == "DRAFT"
        done = await house.world.graphql(ACCEPT, id=dear)
        assert done["freightChargeAccept"]["charge"]["bill"]["status"] == "PENDING_APPROVAL"

        assert await bills(house) == [
            ("I-1", "BILL", "DRAFT", "14.00"),
            ("I-1/2", "BILL", "PENDING_APPROVAL", "1.50"),
            ("I-1/4", "BILL", "DRAFT", "3.00"),
        ]
        for number in ("I-1", "I-1/2", "I-1/4"):
            await approve(house.world, number)
        balance = house.world.read(trial_balance)
        # Three labels had cost 5.00 each; the invoice came to 18.50.
        assert balance.get("freight_not_billed", 0) == 0
        assert (balance["freight_out"], balance["payables"]) == (1_850, -1_850)
        assert broken(house.world.database, checks.CHECKS) == []

    async def test_are_credit_notes_where_the_invoice_was_entered_by_hand(
        self, house: Desk
    ) -> None:
        id = await supply(house)
        by_hand = CreateBill(
            supplier_id=id,
            number="I-1",
            issued_on=date(2025, 3, 1),
            lines=(BillLineDraft(description="Freight", amount=euros(650)),),
        )
        house.run(create_bill, by_hand)
        (number,) = numbers(house, 1)
        (charge,) = await record(house, (number, "6.50"))

        await house.world.graphql(DISPUTE, id=charge)
        expected = await bills(house)
        await house.world.graphql(ACCEPT, id=charge)

        assert expected == [
            ("I-1", "BILL", "DRAFT", "6.50"),
            ("I-1/1", "CREDIT_NOTE", "DRAFT", "1.50"),
        ]
        assert (await bills(house))[1] == ("I-1/1", "CREDIT_NOTE", "VOIDED", "1.50")
        # It may be argued about again.
        await house.world.graphql(DISPUTE, id=charge)
        assert len(await bills(house)) == 3

    async def test_are_none_of_a_carrier_that_is_no_supplier(self, house: Desk) -> None:
        (number,) = numbers(house, 1)
        (charge,) = await record(house, (number, "6.50"))

        done = await house.world.graphql(DISPUTE, id=charge)

        assert done["freightChargeDispute"] == {"charge": {"bill": None}, "userErrors": []}
        assert await bills(house) == []
        found = house.world.read(queries.charges_by_ids, [ids.parse("frc", charge)])
        assert [each.status.value for each in found.values()] == ["disputed"]
