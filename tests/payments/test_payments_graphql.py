"""Payments over GraphQL: the whole path, its rights and its lists. On both databases."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands.disputing import CreateDispute, create_dispute
from backoffice_api.domain.payments.model.credits import StoreCreditSortKey
from backoffice_api.domain.payments.model.disputes import DisputeSortKey, DisputeStatus
from backoffice_api.domain.payments.model.payments import (
    IntentStatus,
    PaymentMethod,
    PaymentSortKey,
)
from backoffice_api.domain.payments.model.refunds import RefundReason, RefundSortKey, RefundStatus
from tests.databases import count_statements
from tests.plans import all_indexed
from tests.world import NOW, caller

SOME = UUID(int=0)
DOCS = Path(__file__).parent.parent.parent / "docs" / "payments.md"

PAY = """
mutation ($input: PaymentCreateInput!, $meta: MutationMeta) {
  paymentCreate(input: $input, meta: $meta) {
    payment {
      id version method provider status amount { amount currency } capturable { amount }
      refundable { amount } dueOn payCode barCode actions { name allowed blockedBy }
      installments { dueOn amount { amount } paid { amount } status }
      order { number paymentStatus }
    }
    userErrors { code path ... on AmountExceededError { maximum { amount } } }
    effects { kind summary subject { id } }
    replayed
  }
}
"""
CAPTURE = """
mutation ($id: ID!, $input: PaymentCaptureInput!, $meta: MutationMeta) {
  paymentCapture(id: $id, input: $input, meta: $meta) {
    payment { status captured { amount } order { paymentStatus outstanding { amount } } }
    userErrors { code path ... on AmountExceededError { maximum { amount } } }
    effects { kind }
  }
}
"""
PAGE = """
query ($id: ID!) {
  order(by: {id: $id}) {
    paymentStatus authorized { amount } captured { amount } refunded { amount }
    chargedBack { amount } outstanding { amount }
    payments {
      status transactions(first: 10) { nodes { kind amount { amount } provider } }
      refunds { number status } disputes { status } timeline(first: 5) { nodes { type } }
    }
    refunds { number status reason destination payment { id } }
    customer { storeCredits { balance { amount } entries(first: 5) { nodes { reason } } } }
  }
}
"""
LISTS = """
{
  payments { nodes { id order { number } transactions(first: 5) { nodes { kind } } refunds { id }
    disputes { id } installments { dueOn } } }
  refunds { nodes { id payment { id } order { number } } }
  disputes { nodes { id payment { id } order { number } } }
  storeCredits { nodes { id customer { name } entries(first: 5) { nodes { delta { amount } } } } }
  paymentsCount { value } refundsCount { value } disputesCount { value }
  storeCreditsCount { value }
}
"""


def eur(amount):
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def paid(till):
    """An order with a payment by hand that is authorised."""
    order = till.order()
    id = till.pay(order)
    till.authorize(id)
    return order, id


class TestPath:
    async def test_asks_for_money_and_says_how_it_stands(self, till):
        order = ids.text("ord", till.order())
        parts = [
            {"dueOn": "2025-04-01", "amount": eur("60.00")},
            {"dueOn": "2025-05-01", "amount": eur("40.00")},
        ]
        input = {"orderId": order, "method": "TERMS", "installments": parts}

        answer = (await till.world.graphql(PAY, input=input))["paymentCreate"]

        made = answer["payment"]
        assert (answer["userErrors"], made["status"], made["dueOn"]) == (
            [],
            "PENDING",
            "2025-04-01",
        )
        assert made["installments"][1] == {
            "dueOn": "2025-05-01",
            "amount": {"amount": "40.00"},
            "paid": {"amount": "0.00"},
            "status": "OPEN",
        }
        allowed = {each["name"] for each in made["actions"] if each["allowed"]}
        assert allowed == {"record", "void"}
        assert [each["kind"] for each in answer["effects"]] == [
            "payment.created",
            *["receivable.expected"] * 2,
        ]

    async def test_makes_codes_to_pay_by(self, till):
        order = ids.text("ord", till.order())
        pix = {"key": "a@b.example", "name": "Shop", "city": "Porto"}
        input = {"orderId": order, "method": "PIX", "amount": eur("1.00"), "pix": pix}

        answer = (await till.world.graphql(PAY, input=input))["paymentCreate"]

        # The order is in euros, and PIX in reais.
        assert [each["code"] for each in answer["userErrors"]] == ["INVALID_BR_CODE"]

    async def test_tries_first_and_repeats_nothing(self, till, paid):
        order, id = paid
        given = {"id": ids.text("pay", id), "input": {"amount": eur("40.00")}}

        dry = await till.world.graphql(CAPTURE, **given, meta={"dryRun": True})
        assert dry["paymentCapture"]["payment"]["order"] == {
            "paymentStatus": "PARTIALLY_PAID",
            "outstanding": {"amount": "60.00"},
        }
        assert till.state(order)[0] == "authorized"
        for _ in range(2):
            done = await till.world.graphql(CAPTURE, **given, meta={"idempotencyKey": "once"})
            assert done["paymentCapture"]["payment"]["captured"] == {"amount": "40.00"}
        stale = await till.world.graphql(CAPTURE, **given, meta={"expectedVersion": 1})
        assert [each["code"] for each in stale["paymentCapture"]["userErrors"]] == ["STALE_VERSION"]
        too_much = {"id": given["id"], "input": {"amount": eur("60.01")}}
        refused = (await till.world.graphql(CAPTURE, **too_much))["paymentCapture"]["userErrors"]
        assert refused == [
            {"code": "AMOUNT_EXCEEDED", "path": ["input", "amount"], "maximum": {"amount": "60.00"}}
        ]
        assert till.moved(id) == [("authorize", 10_000), ("capture", 4_000)]

    async def test_shows_all_of_an_order(self, till, paid):
        order, id = paid
        till.capture(id)
        till.credit(500)
        till.refund(order, 3_000)
        till.world.run(create_dispute, CreateDispute(payment_id=id))

        found = (await till.world.graphql(PAGE, id=ids.text("ord", order)))["order"]

        assert found["paymentStatus"] == "PARTIALLY_REFUNDED"
        assert [found[name]["amount"] for name in ("captured", "refunded", "outstanding")] == [
            "100.00",
            "30.00",
            "30.00",
        ]
        (payment,) = found["payments"]
        assert [each["kind"] for each in payment["transactions"]["nodes"]] == [
            "AUTHORIZE",
            "CAPTURE",
            "REFUND",
        ]
        assert payment["refunds"] == [{"number": "W-1-R1", "status": "SUCCEEDED"}]
        assert payment["disputes"] == [{"status": "NEEDS_RESPONSE"}]
        assert found["customer"]["storeCredits"][0]["balance"] == {"amount": "5.00"}


class TestGate:
    async def test_is_set_on_channels(self, till):
        document = """
        mutation ($id: ID!, $input: ChannelUpdateInput!) {
          channelUpdate(id: $id, input: $input) { channel { paymentGate } userErrors { code } }
        }"""
        given = {"id": ids.text("chn", till.shop.channel_id), "input": {"paymentGate": "PAID"}}

        answer = await till.world.graphql(document, **given)

        assert answer["channelUpdate"] == {"channel": {"paymentGate": "PAID"}, "userErrors": []}
        assert till.shop.order(till.order()).has_hold


class TestRights:
    @pytest.mark.parametrize("scope", [Scope.PAYMENTS_READ, Scope.ORDERS_READ])
    async def test_are_needed_to_look(self, till, paid, scope):
        somebody = caller(*(ALL_SCOPES - {scope}))

        answer = await till.world.ask(PAGE, caller=somebody, id=ids.text("ord", paid[0]))

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    @pytest.mark.parametrize("settlement", ["REFUND", "STORE_CREDIT"])
    async def test_to_pay_back_are_needed_to_cancel_for_money(self, till, paid, settlement):
        somebody = caller(*(ALL_SCOPES - {Scope.REFUNDS_WRITE}))
        order = till.shop.order(paid[0])
        document = """mutation($id: ID!, $settlement: Settlement!) {
          orderCancel(id: $id, input: {reason: CUSTOMER, settlement: $settlement}) {
            order { status }
          }
        }"""
        given = {"id": ids.text("ord", order.id), "settlement": settlement}

        answer = await till.world.ask(document, caller=somebody, **given)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert till.shop.order(order.id) == order


class TestLists:
    async def test_take_as_many_statements_however_long_they_are(self, till, paid):
        def more():
            order = till.order(2)
            id = till.pay(order)
            till.authorize(id)
            till.capture(id)
            till.refund(order, 100)
            till.world.run(create_dispute, CreateDispute(payment_id=id))

        more()
        till.credit(100)
        counts = []
        for _ in range(2):
            with count_statements(till.world.database) as seen:
                await till.world.graphql(LISTS)
            counts.append(len(seen))
            more()
            more()

        assert counts[0] == counts[1]

    LISTED = (
        (
            queries.payment_list,
            PaymentSortKey,
            {
                "order_id": (Operator.EQ, SOME),
                "status": (Operator.EQ, IntentStatus.CAPTURED),
                "method": (Operator.EQ, PaymentMethod.PIX),
                "provider": (Operator.EQ, "stripe"),
                "provider_reference": (Operator.EQ, "pi_1"),
                "amount": (Operator.GTE, Money(1, "EUR")),
                "due_on": (Operator.LT, NOW.date()),
                "created_at": (Operator.LT, NOW),
            },
        ),
        (
            queries.refund_list,
            RefundSortKey,
            {
                "order_id": (Operator.EQ, SOME),
                "payment_id": (Operator.EQ, SOME),
                "status": (Operator.EQ, RefundStatus.FAILED),
                "reason": (Operator.EQ, RefundReason.OTHER),
                "number": (Operator.EQ, "W-1-R1"),
                "amount": (Operator.GTE, Money(1, "EUR")),
                "created_at": (Operator.LT, NOW),
            },
        ),
        (
            queries.dispute_list,
            DisputeSortKey,
            {
                "order_id": (Operator.EQ, SOME),
                "payment_id": (Operator.EQ, SOME),
                "status": (Operator.EQ, DisputeStatus.LOST),
                "respond_by": (Operator.LT, NOW + timedelta(days=1)),
                "created_at": (Operator.LT, NOW),
            },
        ),
        (
            queries.store_credit_list,
            StoreCreditSortKey,
            {
                "customer_id": (Operator.EQ, SOME),
                "balance": (Operator.GTE, Money(1, "EUR")),
            },
        ),
    )

    @pytest.mark.parametrize("number", range(len(LISTED)))
    def test_have_an_index_for_every_word_and_sort(self, database, number):
        listing, sorts, tests = self.LISTED[number]
        assert set(tests) == set(listing.words)

        for key in sorts:
            with all_indexed(database.reading), database.reading.connect() as db:
                listing.page(db, PageRequest(sort=key))
        for word, (operator, value) in tests.items():
            request = PageRequest(filter=Test(word, operator, value))
            with all_indexed(database.reading, sorts=True), database.reading.connect() as db:
                listing.page(db, request)


class TestDocs:
    @pytest.mark.parametrize(
        "document",
        re.findall(r"^```graphql\n(.*?)^```$", DOCS.read_text(), re.DOTALL | re.MULTILINE),
    )
    async def test_can_be_asked(self, till, paid, document):
        _, id = paid
        other = till.order()
        till.record(till.pay(other, PaymentMethod.BANK_TRANSFER))
        known = {
            "id": ids.text("pay", id),
            "order": ids.text("ord", other if "refundCreate" in document else till.order()),
        }
        wanted = set(re.findall(r"\$(\w+):", document))

        data = await till.world.graphql(document, **{name: known[name] for name in wanted})

        for answer in data.values():
            assert answer
            assert answer.get("userErrors", []) == []
