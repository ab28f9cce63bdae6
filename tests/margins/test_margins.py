"""Margins over GraphQL: what is left of orders, and what is shared out later. On both databases."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.commands.posting import post
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import Dimensions, EntryDraft, PostingDraft
from backoffice_api.domain.margins import checks, queries
from backoffice_api.domain.margins.model.margins import MarginDimension, MarginMeasure
from backoffice_api.domain.margins.model.restating import About, Shared, Sold, restated
from backoffice_api.domain.payments.model.refunds import RefundReason
from backoffice_api.domain.purchasing.commands.items import (
    BreakDraft,
    CreateSupplierItem,
    create_supplier_item,
)
from backoffice_api.domain.purchasing.commands.suppliers import CreateSupplier, create_supplier
from tests.bookkeeping.counting_house import CountingHouse
from tests.databases import count_statements
from tests.orders.shop import goods
from tests.plans import all_indexed
from tests.soundness import broken
from tests.world import NOW, World, caller

TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)
MARGINS = """
query ($by: MarginDimension!, $from: Date!, $to: Date!, $restatement: Int) {
  margins(by: $by, from: $from, to: $to, restatement: $restatement) {
    margin {
      revenue { amount } discounts { amount } cost { amount } freight { amount } fees { amount }
      returns { amount } support { amount } contribution { amount currency } percent
    }
    channel { code } supplier { code } product { title } order { number }
  }
}
"""
ORDER = """
query ($id: ID!) {
  order(by: {id: $id}) {
    margins { contribution { amount } }
    lines { nodes { sku margins { contribution { amount } } } }
  }
}
"""
RESTATE = """
mutation ($from: Date!, $to: Date!) {
  marginsRestate(input: {from: $from, to: $to, reason: "Payouts of March."}) {
    restatement { id number fromOn toOn reason } userErrors { code path } effects { kind }
  }
}
"""
LIST = "{ marginRestatements { nodes { id number } } }"


class Merchant(CountingHouse):
    """ACME sells the mugs; pins, at 5.00, cost 1.00 and come from nobody."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.pin = self.hall.variant("PIN", price=UnitPrice(5_000_000, "EUR"))
        self.adjust(self.pin, 100, 1_000_000)
        acme = world.run(create_supplier, CreateSupplier(code="ACME", name="A", currency="EUR"))
        item = CreateSupplierItem(
            supplier_id=acme.value,
            variant_id=self.mug,
            supplier_sku="M",
            prices=(BreakDraft(1, UnitPrice(4_000_000, "EUR")),),
            is_preferred=True,
        )
        world.run(create_supplier_item, item)
        self.open()

    def sold(self) -> UUID:
        """Two mugs and two pins, paid and gone; 3.00 were paid back to please the customer."""
        order_id = self.hall.place(goods("MUG", 2), goods("PIN", 2), customer_id=self.ana)
        self.paid(order_id)
        self.shipped(order_id)
        self.refund(order_id, 300, reason=RefundReason.GOODWILL)
        return order_id

    def charge(self, minor: int, role: AccountRole, **about: UUID) -> None:
        """A cost that no line has caused alone."""
        self.world.run(_charge, _Charge(minor=minor, role=role, about=Dimensions(**about)))

    async def contributions(self, by: str, **variables: Any) -> list[tuple[str, Any]]:
        """Names and contributions, in the order given."""
        given = {"from": "2025-01-01", "to": "2025-12-31", **variables}
        found = (await self.world.graphql(MARGINS, by=by, **given))["margins"]
        return [
            (
                next(
                    (
                        name
                        for each in ("channel", "supplier", "product", "order")
                        if group[each]
                        for name in group[each].values()
                    ),
                    "",
                ),
                group["margin"]["contribution"]["amount"],
            )
            for group in found
        ]

    def broken(self) -> list[str]:
        return broken(self.world.database, checks.CHECKS)


class _Charge(Command):
    scope = Scope.COSTS_WRITE

    def __init__(self, minor: int, role: AccountRole, about: Dimensions) -> None:
        self.minor, self.role, self.about = minor, role, about


def _charge(uow: UnitOfWork, command: _Charge) -> None:
    line = PostingDraft(
        debit=command.role,
        credit=AccountRole.PAYMENTS_IN_TRANSIT,
        amount=Money(command.minor, "EUR"),
        dimensions=command.about,
    )
    source = f"test:{uow.new_id().hex}"
    post(uow, EntryDraft(source=source, booked_on=TODAY, description="A cost.", postings=[line]))


@pytest.fixture
def merchant(world: World) -> Merchant:
    return Merchant(world)


class TestMargins:
    async def test_are_told_by_each_thing(self, merchant: Merchant) -> None:
        order_id = merchant.sold()

        given = {"from": str(TODAY), "to": str(TOMORROW)}
        (whole,) = (await merchant.world.graphql(MARGINS, by="TOTAL", **given))["margins"]
        percent = whole["margin"].pop("percent")
        assert {name: each["amount"] for name, each in whole["margin"].items()} == {
            "revenue": "30.00",
            "discounts": "0.00",
            "cost": "10.00",
            "freight": "0.00",
            "fees": "0.00",
            "returns": "0.00",
            "support": "3.00",
            "contribution": "17.00",
        }
        assert percent == "56.67"
        assert await merchant.contributions("CHANNEL") == [("web", "17.00")]
        assert await merchant.contributions("SUPPLIER") == [("", "7.00"), ("ACME", "10.00")]
        assert await merchant.contributions("PRODUCT") == [
            ("Thing PIN", "7.00"),
            ("Thing MUG", "10.00"),
        ]
        assert await merchant.contributions("ORDER") == [("W-1", "17.00")]
        assert await merchant.contributions("TOTAL", to="2025-02-01") == []
        order = (await merchant.world.graphql(ORDER, id=ids.text("ord", order_id)))["order"]
        assert order["margins"] == [{"contribution": {"amount": "17.00"}}]
        assert [
            (each["sku"], each["margins"][0]["contribution"]["amount"])
            for each in order["lines"]["nodes"]
        ] == [("MUG", "10.00"), ("PIN", "7.00")]
        assert merchant.broken() == []

    async def test_are_restated_and_kept_as_they_were(self, merchant: Merchant) -> None:
        merchant.sold()
        product_id = merchant.product(merchant.pin)
        merchant.charge(100, AccountRole.PROVIDER_FEES)
        merchant.charge(50, AccountRole.PRICE_VARIANCE, product_id=product_id)
        assert await merchant.contributions("ORDER") == [("", "-1.50"), ("W-1", "17.00")]

        span = {"from": "2025-03-01", "to": "2025-04-01"}
        made = (await merchant.world.graphql(RESTATE, **span))["marginsRestate"]
        assert made["userErrors"] == []
        assert made["restatement"]["number"] == 1
        assert [each["kind"] for each in made["effects"]] == ["margins.restated"]
        assert await merchant.contributions("ORDER") == [("W-1", "15.50")]
        assert await merchant.contributions("PRODUCT") == [
            ("Thing PIN", "6.17"),
            ("Thing MUG", "9.33"),
        ]
        again = (await merchant.world.graphql(RESTATE, **span))["marginsRestate"]
        assert again["userErrors"] == []
        assert await merchant.contributions("ORDER") == [("W-1", "15.50")]
        merchant.charge(-30, AccountRole.PROVIDER_FEES)
        made = (await merchant.world.graphql(RESTATE, **span))["marginsRestate"]
        assert made["restatement"]["number"] == 3
        assert await merchant.contributions("ORDER") == [("W-1", "15.80")]
        assert await merchant.contributions("ORDER", restatement=1) == [
            ("", "0.30"),
            ("W-1", "15.50"),
        ]
        assert (await merchant.contributions("ORDER", restatement=0))[-1] == ("W-1", "17.00")
        listed = (await merchant.world.graphql(LIST))["marginRestatements"]["nodes"]
        assert [each["number"] for each in listed] == [3, 2, 1]
        assert merchant.broken() == []

    async def test_are_not_shared_out_twice(self, merchant: Merchant) -> None:
        merchant.sold()
        merchant.charge(100, AccountRole.PROVIDER_FEES)
        codes = []
        for day, end in (
            (TODAY, "2025-04-01"),
            (TODAY, str(TOMORROW)),
            ("2025-02-01", "2025-05-01"),
        ):
            made = await merchant.world.graphql(RESTATE, **{"from": str(day), "to": end})
            codes.append([each["code"] for each in made["marginsRestate"]["userErrors"]])

        assert codes == [[], ["RESTATED_IN_PART"], []]
        given = {"from": "2025-02-01", "to": "2025-05-01"}
        (whole,) = (await merchant.world.graphql(MARGINS, by="ORDER", **given))["margins"]
        assert whole["margin"]["fees"]["amount"] == "1.00"

    async def test_are_refused_to_who_may_not_see_costs(self, merchant: Merchant) -> None:
        without = caller(*(ALL_SCOPES - {Scope.COSTS_READ, Scope.COSTS_WRITE}))
        span = {"from": str(TODAY), "to": str(TOMORROW)}
        asked: tuple[tuple[str, dict[str, str]], ...] = (
            (MARGINS, {"by": "TOTAL", **span}),
            (RESTATE, span),
            (LIST, {}),
        )
        for document, variables in asked:
            answer = await merchant.world.ask(document, caller=without, **variables)
            assert {each["extensions"]["code"] for each in answer["errors"]} == {"FORBIDDEN"}

    @pytest.mark.parametrize(
        ("span", "code"),
        [
            ({"from": "2025-03-01", "to": "2025-03-01"}, "INVALID_SPAN"),
            ({"from": "2023-03-02", "to": "2025-03-01"}, "OUT_OF_RANGE"),
        ],
    )
    async def test_are_not_restated_for_odd_times(
        self, merchant: Merchant, span: dict[str, str], code: str
    ) -> None:
        answer = (await merchant.world.graphql(RESTATE, **span))["marginsRestate"]

        assert answer["userErrors"] == [{"code": code, "path": ["input", "to"]}]

    async def test_of_many_orders_take_one_statement_behind_indexes(
        self, merchant: Merchant
    ) -> None:
        some = [merchant.sold() for _ in range(3)]
        counts = []
        for wanted in (some[:1], some):
            with count_statements(merchant.world.database) as seen:
                merchant.world.read(queries.margins_by_orders, wanted)
                merchant.world.read(_by_products)
            counts.append(_asked(seen))

        assert counts == [2, 2]
        for query in (queries.margins_by_customers, queries.margins_by_lines):
            with count_statements(merchant.world.database) as seen:
                merchant.world.read(query, [UUID(int=1), UUID(int=2)])
            assert _asked(seen) == 1
        with all_indexed(merchant.world.database.reading, sorts=True, walks={"facts"}):
            merchant.world.read(queries.margins_by_orders, some)
            merchant.world.read(queries.margins_by_lines, [UUID(int=1)])
            merchant.world.read(_by_products)


def _asked(statements: list[str]) -> int:
    """How many statements that is, without what SQLite begins with."""
    return sum(not each.startswith("BEGIN") for each in statements)


def _by_products(db: Connection) -> Any:
    return queries.margins(db, MarginDimension.PRODUCT, (TODAY, TOMORROW), first=10)


class TestRestated:
    def test_shares_exactly_and_to_the_nearest(self) -> None:
        line_ids = [UUID(int=each) for each in (1, 2, 3)]
        products = [UUID(int=11), UUID(int=11), UUID(int=12)]
        lines = [
            Sold(About(None, None, product, None, id), "EUR", 100)
            for id, product in zip(line_ids, products, strict=True)
        ]
        nobody = About(None, None, None, None)
        pool = [
            Shared(nobody, MarginMeasure.FEES, "EUR", -100),
            Shared(About(None, None, products[0], None), MarginMeasure.COST, "EUR", -3),
            Shared(About(None, None, UUID(int=13), None), MarginMeasure.COST, "EUR", -5),
            Shared(nobody, MarginMeasure.FEES, "USD", -7),
        ]

        rows = restated(pool, [], lines)

        found = {(each.about.order_line_id, each.measure.value): each.minor for each in rows}
        assert found == {
            (None, "fees"): 100,
            (None, "cost"): 3,
            (line_ids[0], "fees"): -34,
            (line_ids[1], "fees"): -33,
            (line_ids[2], "fees"): -33,
            (line_ids[0], "cost"): -2,
            (line_ids[1], "cost"): -1,
        }
        assert restated(pool, rows, lines) == []
