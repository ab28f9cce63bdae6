"""Goods that come back, and the money for them, in the books."""

import pytest

from backoffice_api.domain.payments.model.refunds import RefundDestination
from backoffice_api.domain.returns.commands.claiming import (
    CreateCarrierClaim,
    GrantCarrierClaim,
    PayCarrierClaim,
    SubmitCarrierClaim,
    Whereabouts,
    create_carrier_claim,
    grant_carrier_claim,
    pay_carrier_claim,
    submit_carrier_claim,
)
from backoffice_api.domain.returns.model.claims import ClaimKind
from backoffice_api.domain.returns.model.inspections import Disposition
from tests.bookkeeping.counting_house import opened, trial_balance, wrong
from tests.orders.shop import euros, goods
from tests.returns.desk import Desk
from tests.world import World

BEGUN = {"inventory": 2_000_000, "opening": -2_000_000}


def since(world: World) -> dict[str, int]:
    found: dict[str, int] = world.read(trial_balance)
    sums = {role: found.get(role, 0) - BEGUN.get(role, 0) for role in {*found, *BEGUN}}
    return {role: minor for role, minor in sums.items() if minor}


@pytest.fixture
def desk(world: World) -> Desk:
    desk = Desk(world)
    opened(world)
    return desk


class TestReturns:
    @pytest.mark.parametrize("tax_included", [False, True], ids=["besides", "within"])
    def test_take_back_what_was_earned(self, desk: Desk, tax_included: bool) -> None:
        order_id = desk.sent(goods("MUG", 3, tax=euros(300)), tax_included=tax_included)
        tax, net = (300, 2_700) if tax_included else (300, 3_000)
        id = desk.back(order_id, 1)
        assert since(desk.world) == {
            "bank": net + tax,
            "sales": -net,
            "output_tax": -tax,
            "cost_of_sales": 800,
            "inventory": -800,
        }

        desk.refund(id)

        assert since(desk.world) == {
            "bank": (net + tax) * 2 // 3,
            "sales": -net,
            "returns": net // 3,
            "output_tax": -200,
            "cost_of_sales": 800,
            "inventory": -800,
        }
        assert wrong(desk.world) == []

    def test_may_be_thrown_away_and_paid_back_as_credit(self, desk: Desk) -> None:
        order_id = desk.bought(2)
        id = desk.request(desk.line(order_id, 2))
        desk.receive(id)
        desk.inspect(id, disposition=Disposition.SCRAP)
        desk.refund(id, destination=RefundDestination.STORE_CREDIT)

        assert since(desk.world) == {
            "bank": 2_000,
            "store_credit": -2_000,
            "sales": -2_000,
            "returns": 2_000,
            "cost_of_sales": 800,
            "inventory": -800,
        }
        assert wrong(desk.world) == []

    def test_lessen_the_freight_by_what_a_carrier_owes_and_pays_for_a_claim(
        self, desk: Desk
    ) -> None:
        order_id = desk.bought(2)
        before = since(desk.world)
        make = CreateCarrierClaim(
            return_id=desk.request(desk.line(order_id, 2)),
            kind=ClaimKind.DAMAGED,
            where=Whereabouts(carrier="dhl"),
        )
        id = desk.world.run(create_carrier_claim, make).value
        desk.world.run(submit_carrier_claim, SubmitCarrierClaim(id=id))
        grant = GrantCarrierClaim(id=id, amount=euros(1_500))
        desk.world.run(grant_carrier_claim, grant)
        assert since(desk.world) == {**before, "carrier_claims": 1_500, "freight_out": -1_500}
        assert wrong(desk.world) == []

        desk.world.run(pay_carrier_claim, PayCarrierClaim(id=id))

        assert since(desk.world) == {**before, "bank_clearing": 1_500, "freight_out": -1_500}
        assert wrong(desk.world) == []
