"""Discount codes: what they take off, whom they serve, and how often, on both databases."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.discounts import queries
from backoffice_api.domain.discounts.commands.codes import (
    CreateDiscountCode,
    DisableDiscountCode,
    UpdateDiscountCode,
    create_code,
    disable_code,
    update_code,
)
from backoffice_api.domain.discounts.model import ALPHABET, CountedDiscountCode
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.orders.commands.cancelling import (
    CancelOrder,
    UncancelOrder,
    cancel_order,
    uncancel_order,
)
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.orders.commands.drafts import (
    CreateOrder,
    UpdateOrder,
    create_order,
    update_order,
)
from backoffice_api.domain.orders.commands.editing import EditOrder, edit_order
from backoffice_api.domain.orders.commands.merging import MergeOrders, merge_orders
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.commands.splitting import SplitOrder, split_order
from backoffice_api.domain.orders.model.edits import LineChange
from backoffice_api.domain.orders.model.lines import LineQuantity
from backoffice_api.domain.orders.model.orders import CancelReason, OrderDiscount
from tests.databases import count_statements
from tests.orders.shop import Shop, goods
from tests.plans import all_indexed
from tests.soundness import broken
from tests.world import NOW, World

DAY = timedelta(days=1)
DOC = Path(__file__).parent.parent.parent / "docs" / "discounts.md"
_FENCED = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)
VOUCHER = OrderDiscount("Voucher", None, 300, "EUR")
CREATE = """
mutation ($input: DiscountCodeCreateInput!) {
  discountCodeCreate(input: $input) {
    discountCode { id code label percentBp amount { amount } used actions { name } customer { id } }
    userErrors { code path }
  }
}
"""
PLACE = """
mutation ($input: OrderCreateInput!) {
  orderCreate(input: $input) {
    order {
      amounts: total { amount }
      discounts { label code amount { amount } discountCode { code used } }
    }
    userErrors { code path ... on DiscountCodeExpiredError { name validUntil } }
  }
}
"""


class Coupons(Shop):
    """Mugs at 10.00 euros, pens at 1.99, and two customers."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.mug = self.variant("MUG", 100)
        self.pen = self.variant("PEN", 100, price=UnitPrice(1_990_000, "EUR"))
        self.ana, self.bea = (self._customer(name) for name in ("Ana", "Bea"))

    def _customer(self, name: str) -> UUID:
        draft = CustomerDraft(kind=CustomerKind.PERSON, name=name)
        id: UUID = self.world.run(create_customer, CreateCustomer(draft=draft)).value
        return id

    def code(self, code: str | None = "TEN", **values: Any) -> UUID:
        given = {"code": code, "percent_bp": None if "amount" in values else 1_000, **values}
        id: UUID = self.world.run(create_code, CreateDiscountCode(**given)).value
        return id

    def known(self, id: UUID) -> CountedDiscountCode:
        found: CountedDiscountCode = self.world.read(queries.codes_by_ids, [id])[id]
        return found

    def discounts(self, order_id: UUID) -> list[int]:
        return [line.discount_minor for line in self.lines(order_id)]

    def cancel(self, id: UUID) -> None:
        self.world.run(cancel_order, CancelOrder(id=id, reason=CancelReason.CUSTOMER))

    def wrong(self) -> list[str]:
        return broken(self.world.database, CHECKS)


@pytest.fixture
def shop(world: World) -> Coupons:
    return Coupons(world)


def order(*lines: Any, **values: Any) -> CreateOrder:
    return CreateOrder(channel="web", lines=lines, place=True, **values)


class TestDiscountCodes:
    def test_take_a_share_or_an_amount_off_what_the_lines_come_to(self, shop: Coupons) -> None:
        shop.code(percent_bp=1_250)
        five = shop.code("FIVE", amount=Money(500, "EUR"))

        share = shop.place(goods("MUG", 1), goods("PEN", 1), discount_code=" t e n ")
        amount = shop.place(goods("PEN", 2), discount_code="five", discounts=(VOUCHER,))

        assert shop.order(share).discount_minor == 150  # 12.5 % of 11.99, half up
        assert sum(shop.discounts(share)) == 150
        # At most what other discounts leave: 3.98 - 3.00.
        assert shop.order(amount).discount_minor == 398
        assert shop.order(amount).total_minor == 0
        assert shop.known(five).used == 1
        assert shop.wrong() == []

    def test_are_refused_where_they_do_not_apply(self, shop: Coupons) -> None:
        def refusals(code: str, **values: Any) -> list[str]:
            values = {"customer_id": shop.ana, **values}
            return shop.refused(create_order, order(goods("MUG", 1), discount_code=code, **values))

        shop.code("LATE", valid_until=NOW)
        shop.code("SOON", valid_from=NOW + DAY)
        shop.code("BIG", minimum_subtotal=Money(1_001, "EUR"))
        shop.code("BEA", customer_id=shop.bea)
        shop.code("ONCE", once_per_customer=True)
        shop.code("USD", amount=Money(100, "USD"))
        off = shop.code("OFF")
        shop.world.run(disable_code, DisableDiscountCode(id=off))

        assert refusals("LATE") == ["DISCOUNT_CODE_EXPIRED"]
        assert refusals("SOON") == ["DISCOUNT_CODE_NOT_YET_VALID"]
        assert refusals("BIG") == ["DISCOUNT_CODE_BELOW_MINIMUM"]
        assert refusals("BEA") == ["DISCOUNT_CODE_NOT_FOR_CUSTOMER"]
        assert refusals("ONCE", customer_id=None) == ["DISCOUNT_CODE_NOT_FOR_CUSTOMER"]
        assert refusals("USD") == ["CURRENCY_MISMATCH"]
        assert refusals("OFF") == ["DISCOUNT_CODE_OUT_OF_USE"]
        assert refusals("NONE") == ["UNKNOWN_DISCOUNT_CODE"]
        assert refusals("BIG", discounts=(OrderDiscount("All", None, 1_000, "EUR"),)) == [
            "DISCOUNT_CODE_BELOW_MINIMUM"
        ]

        shop.place(goods("MUG", 1), discount_code="ONCE", customer_id=shop.ana)
        assert refusals("ONCE") == ["DISCOUNT_CODE_USED_BY_CUSTOMER"]
        shop.place(goods("MUG", 1), discount_code="ONCE", customer_id=shop.bea)

    def test_are_never_used_more_often_than_they_may_be(self, shop: Coupons) -> None:
        id = shop.code(usage_limit=3)

        def buy(_: int) -> str:
            try:
                shop.place(goods("MUG", 1), discount_code="TEN")
            except DomainError as refusal:
                return refusal.code
            return "placed"

        with ThreadPoolExecutor(6) as pool:
            came = sorted(pool.map(buy, range(6)))

        assert came == ["DISCOUNT_CODE_USED_UP"] * 3 + ["placed"] * 3
        assert shop.known(id).used == 3
        less = UpdateDiscountCode(id=id, usage_limit=2)
        assert shop.refused(update_code, less) == ["USED_MORE_OFTEN"]
        assert shop.wrong() == []

    def test_are_given_back_and_taken_again(self, shop: Coupons) -> None:
        id = shop.code(usage_limit=1)
        first = shop.place(goods("MUG", 2), discount_code="TEN")
        part = CancelOrder(
            id=first,
            reason=CancelReason.CUSTOMER,
            lines=(LineQuantity(shop.lines(first)[0].id, 1),),
        )
        shop.world.run(cancel_order, part)
        assert (shop.known(id).used, shop.order(first).current_discount_minor) == (1, 100)

        shop.cancel(first)
        assert shop.known(id).used == 0
        shop.world.run(uncancel_order, UncancelOrder(id=first))
        assert shop.known(id).used == 1
        shop.cancel(first)
        second = shop.place(goods("MUG", 1), discount_code="TEN")
        assert shop.refused(uncancel_order, UncancelOrder(id=first)) == ["DISCOUNT_CODE_USED_UP"]
        told = [each for each in shop.events(id) if each != "discount_code.created"]
        assert told == [f"discount_code.{each}" for each in ("used", "given_back") * 2 + ("used",)]
        assert shop.order(second).discount_minor == 100
        assert shop.wrong() == []

    def test_follow_a_draft_and_count_when_it_is_placed(self, shop: Coupons) -> None:
        id = shop.code(valid_until=NOW + DAY)
        draft = shop.create(goods("MUG", 1), discount_code="TEN")
        assert (shop.order(draft).discount_minor, shop.known(id).used) == (100, 0)

        more = UpdateOrder(id=draft, lines=(goods("MUG", 3),), discounts=(VOUCHER,))
        shop.world.run(update_order, more)
        assert shop.order(draft).discount_minor == 300 + 300
        late = NOW + DAY
        shop.world.run(update_order, UpdateOrder(id=draft, note="Call first"), now=late)
        assert shop.order(draft).discount_minor == 600
        assert shop.refused(place_order, PlaceOrder(id=draft), now=late) == [
            "DISCOUNT_CODE_EXPIRED"
        ]
        shop.world.run(place_order, PlaceOrder(id=draft))
        assert shop.known(id).used == 1

        other = shop.create(goods("MUG", 1), discount_code="TEN")
        shop.world.run(update_order, UpdateOrder(id=other, discount_code=None))
        assert shop.order(other).discount_minor == 0
        shop.cancel(other)
        assert shop.known(id).used == 1
        assert shop.wrong() == []

    def test_are_changed_by_an_edit(self, shop: Coupons) -> None:
        ten, half = shop.code(), shop.code("HALF", percent_bp=5_000)
        id = shop.place(goods("MUG", 2), goods("PEN", 1), discount_code="TEN")
        mugs, pen = shop.lines(id)

        # The pen goes, and takes its share with it; what is left bears half of what it comes to.
        gone = LineChange(line_id=pen.id, quantity=0)
        shop.world.run(edit_order, EditOrder(id=id, lines=(gone,)))
        assert shop.order(id).current_discount_minor == shop.discounts(id)[0]
        shop.world.run(edit_order, EditOrder(id=id, discount_code="HALF"))
        assert shop.order(id).current_discount_minor == 1_000
        assert (shop.known(ten).used, shop.known(half).used) == (0, 1)
        third = LineChange(line_id=mugs.id, quantity=4)
        shop.world.run(edit_order, EditOrder(id=id, lines=(third,), discount_code="HALF"))
        assert shop.order(id).current_discount_minor == 2_000
        assert shop.known(half).used == 1
        shop.world.run(edit_order, EditOrder(id=id, discounts=(VOUCHER,)))
        assert shop.known(half).used == 1
        assert shop.wrong() == []

    def test_are_taken_off_after_a_line_that_bore_some_of_it_went(self, shop: Coupons) -> None:
        ten, half = shop.code(), shop.code("HALF", percent_bp=5_000)
        id = shop.place(goods("MUG", 1), goods("PEN", 1), discount_code="TEN")
        mug, _ = shop.lines(id)
        gone = LineChange(line_id=mug.id, quantity=0)
        shop.world.run(edit_order, EditOrder(id=id, lines=(gone,)))

        shop.world.run(edit_order, EditOrder(id=id, discount_code=None))
        assert (shop.known(ten).used, shop.order(id).current_discount_minor) == (0, 0)
        shop.world.run(edit_order, EditOrder(id=id, discount_code="HALF"))
        assert (shop.known(half).used, shop.order(id).current_discount_minor) == (1, 100)
        assert shop.wrong() == []

    def test_come_on_top_of_as_many_discounts_as_may_be(self, shop: Coupons) -> None:
        shop.code()
        many = tuple(OrderDiscount(f"Cent {n}", None, 1, "EUR") for n in range(50))
        draft = shop.create(goods("MUG", 1), discounts=many, discount_code="TEN")
        shop.world.run(update_order, UpdateOrder(id=draft, note="Call first"))
        shop.world.run(place_order, PlaceOrder(id=draft))
        shop.world.run(edit_order, EditOrder(id=draft, note="Called"))
        assert shop.order(draft).discount_minor == 150

    def test_stay_with_the_order_that_a_part_leaves(self, shop: Coupons) -> None:
        id = shop.code()
        whole = shop.place(goods("MUG", 2), goods("PEN", 2), discount_code="TEN")
        part = (LineQuantity(shop.lines(whole)[0].id, 1),)
        made = shop.world.run(split_order, SplitOrder(id=whole, lines=part)).value
        both = shop.order(whole).current_discount_minor + shop.order(made).discount_minor
        assert both == 240  # 10 % of 23.98
        shop.cancel(made)
        assert shop.known(id).used == 1
        shop.cancel(whole)
        assert shop.known(id).used == 0
        assert shop.wrong() == []

    def test_go_along_with_an_order_that_is_merged(self, shop: Coupons) -> None:
        ids = [shop.code(code) for code in ("ONE", "TWO")]
        into, gone = (
            shop.place(goods("MUG", 1), discount_code=code, customer_id=shop.ana)
            for code in ("ONE", "TWO")
        )
        shop.world.run(merge_orders, MergeOrders(id=into, order_ids=(gone,)))

        def used() -> list[int]:
            return [shop.known(id).used for id in ids]

        assert used() == [1, 1]
        shop.cancel(into)
        assert used() == [0, 0]
        shop.world.run(uncancel_order, UncancelOrder(id=into))
        assert used() == [1, 1]
        assert shop.wrong() == []

    def test_of_another_channel_are_as_unknown_as_any(self, shop: Coupons) -> None:
        command = CreateChannel(code="fair", name="Fair", currency="EUR", number_prefix="F-")
        other = shop.world.run(create_channel, command).value
        shop.code("FAIR", channel_id=other, valid_until=NOW)

        def said(code: str) -> str:
            with pytest.raises(DomainError) as refusal:
                shop.place(goods("MUG", 1), discount_code=code)
            return f"{refusal.value.code} {refusal.value}"

        assert said("fair ") == said("rare ").replace("rare", "fair")

    def test_cost_no_statement_where_none_is_given(self, shop: Coupons) -> None:
        shop.code(once_per_customer=True)

        def statements(**values: Any) -> list[str]:
            with count_statements(shop.world.database) as seen:
                shop.place(goods("MUG", 1), goods("PEN", 1), customer_id=shop.ana, **values)
            return list(seen)

        plain = statements()
        with_code = statements(discount_code="TEN")
        assert [each for each in plain if "discount_codes" in each or "discount_uses" in each] == []
        # The code is read, counted, looked up among those of the customer, noted; its discount.
        assert len(with_code) == len(plain) + 5

    def test_are_made_up_as_nobody_guesses_or_misreads(self, shop: Coupons) -> None:
        codes = {shop.known(shop.code(None)).code for _ in range(5)}
        assert len(codes) == 5
        for each in codes:
            assert set(each.replace("-", "")) <= set(ALPHABET)
            assert len(each.replace("-", "")) == 12
        assert not set("01ILO") & set(ALPHABET)

    def test_are_refused_if_they_make_no_sense(self, shop: Coupons) -> None:
        shop.code()

        def refusals(**values: Any) -> list[str]:
            given = {"code": "NEW", "percent_bp": 1_000, **values}
            return shop.refused(create_code, CreateDiscountCode(**given))

        assert refusals(code="ten") == ["DISCOUNT_CODE_TAKEN"]
        assert refusals(code="Ä!") == ["INVALID_DISCOUNT_CODE"]
        assert refusals(amount=Money(1, "EUR")) == ["SHARE_OR_AMOUNT"]
        assert refusals(percent_bp=10_001) == ["OUT_OF_RANGE"]
        assert refusals(percent_bp=None, amount=Money(0, "EUR")) == ["OUT_OF_RANGE"]
        assert refusals(valid_from=NOW, valid_until=NOW) == ["ENDS_BEFORE_IT_BEGINS"]
        assert refusals(channel_id=UUID(int=1), customer_id=UUID(int=2)) == [
            "UNKNOWN_PRICE_CHANNEL",
            "UNKNOWN_CUSTOMER",
        ]

    @pytest.mark.parametrize(
        ("change", "found"),
        [
            ("UPDATE discount_codes SET used = 2", ["DC1"]),
            ("UPDATE discount_uses SET given_back_at = used_at", ["DC1", "DC2"]),
            ("UPDATE order_discounts SET code_id = NULL", ["DC2"]),
        ],
    )
    def test_are_found_out_if_they_are_counted_wrongly(
        self, shop: Coupons, change: str, found: list[str]
    ) -> None:
        shop.code()
        shop.place(goods("MUG", 1), discount_code="TEN")
        assert shop.wrong() == []
        with shop.world.database.writing.begin() as db:
            db.execute(text(change))
        assert sorted(shop.wrong()) == found


class TestDiscountCodesOnTheWire:
    async def test_are_made_used_and_found(self, shop: Coupons) -> None:
        given = {"percentBp": 1500, "customerId": f"cus_{shop.ana.hex}"}
        made = (await shop.world.graphql(CREATE, input=given))["discountCodeCreate"]
        assert made["userErrors"] == []
        code = made["discountCode"]
        assert [each["name"] for each in code["actions"]] == ["update", "disable"]
        line = {"sku": "MUG", "quantity": 1}
        wanted = {
            "channel": {"code": "web"},
            "lines": [line],
            "place": True,
            "customerId": given["customerId"],
            "discountCode": code["code"].lower(),
        }
        placed = (await shop.world.graphql(PLACE, input=wanted))["orderCreate"]
        assert placed["userErrors"] == []
        (discount,) = placed["order"]["discounts"]
        assert discount["amount"]["amount"] == "1.50"
        assert discount["discountCode"] == {"code": code["code"], "used": 1}

        find = """query ($id: ID!, $code: String!) {
            discountCode(by: { code: $code }) { id }
            discountCodes(sort: { key: USED }, filter: { customerId: { isNull: false } }) {
              nodes { id used }
            }
            orders(filter: { discountCodeId: { eq: $id } }) { nodes { number } }
            node(id: $id) { id ... on DiscountCode { timeline(first: 5) { nodes { type } } } }
        }"""
        with all_indexed(shop.world.database.reading, sorts=True):
            found = await shop.world.graphql(find, id=code["id"], code=code["code"].lower())
        assert found["discountCode"] == {"id": code["id"]}
        assert found["discountCodes"]["nodes"] == [{"id": code["id"], "used": 1}]
        assert len(found["orders"]["nodes"]) == 1
        assert len(found["node"]["timeline"]["nodes"]) == 2

    async def test_say_why_they_are_refused(self, shop: Coupons) -> None:
        shop.code(valid_until=NOW)
        wanted = {
            "channel": {"code": "web"},
            "lines": [{"sku": "MUG", "quantity": 1}],
            "discountCode": "TEN",
        }
        refused = (await shop.world.graphql(PLACE, input=wanted))["orderCreate"]["userErrors"]
        assert refused == [
            {
                "code": "DISCOUNT_CODE_EXPIRED",
                "path": ["input", "discountCode"],
                "name": "TEN",
                "validUntil": "2025-03-01T09:30:00Z",
            }
        ]

    @pytest.mark.parametrize("document", _FENCED.findall(DOC.read_text(encoding="utf-8")))
    async def test_are_asked_for_as_the_docs_show(self, shop: Coupons, document: str) -> None:
        variables = {"code": ids.text("dsc", shop.code())} if "$code" in document else {}
        answer = await shop.world.graphql(document, **variables)
        assert all(answer.values())
