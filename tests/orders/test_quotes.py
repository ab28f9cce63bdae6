"""Drafts that are offered as quotes. On both databases."""

from datetime import timedelta

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.commands.drafts import UpdateOrder, update_order
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.commands.quotes import (
    AcceptQuote,
    ExpireQuotes,
    SendQuote,
    accept_quote,
    expire_quotes,
    send_quote,
)
from backoffice_api.domain.orders.model.orders import CancelReason, OrderStatus
from backoffice_api.domain.products.commands.variants import UpdateVariant, update_variant
from tests.orders.shop import POSTAGE, euros, goods, price
from tests.world import NOW

TOMORROW = NOW + timedelta(days=1)


def send(shop, id, until=TOMORROW, **values):
    shop.world.run(send_quote, SendQuote(id=id, valid_until=until, **values))


def accept(shop, id, quote, **how):
    return shop.world.run(accept_quote, AcceptQuote(id=id, quote=quote), **how)


def quotes(shop, id):
    return shop.world.read(queries.quotes_by_orders, [id]).get(id, ())


def statuses(shop, id):
    return [each.status.value for each in quotes(shop, id)]


class TestSendQuote:
    def test_keeps_every_version_as_it_was_offered(self, shop):
        shop.variant("MUG", 5)
        id = shop.create(goods("MUG", 2), POSTAGE, shipping=euros(300))
        send(shop, id)
        lines = (goods("MUG", 3, unit_price=price(8_000_000)),)
        shop.world.run(update_order, UpdateOrder(id=id, lines=lines))
        send(shop, id, NOW + timedelta(days=2))

        second, first = quotes(shop, id)

        assert (first.number, first.status.value, first.ended_at) == (1, "replaced", NOW)
        assert first.amounts.total == euros(2_750)
        assert [(each.sku, each.quantity) for each in first.offered] == [("MUG", 2), ("POST", 1)]
        assert (second.number, second.status.value) == (2, "open")
        assert second.amounts.total == euros(2_700)
        assert second.offered[0].unit_price == price(8_000_000)
        assert shop.order(id).quoted_until == NOW + timedelta(days=2)
        assert shop.broken() == []

    def test_holds_the_stock_if_wanted(self, shop):
        mug = shop.variant("MUG", 5)
        id = shop.create(goods("MUG", 2))

        send(shop, id, reserve=True)
        assert (shop.reserved(mug), shop.order(id).reserved_until) == (2, TOMORROW)
        send(shop, id, TOMORROW + timedelta(days=1), reserve=True)

        assert shop.reserved(mug) == 2
        assert shop.broken() == []

    def test_refuses_what_makes_no_sense(self, shop):
        shop.variant("MUG", 1)
        draft, empty, placed = shop.create(goods("MUG", 2)), shop.create(), shop.place(POSTAGE)

        def codes(id, **values):
            command = SendQuote(id=id, **{"valid_until": TOMORROW, **values})
            return shop.refused(send_quote, command)

        assert codes(draft, valid_until=NOW) == ["NOT_IN_FUTURE"]
        assert codes(draft, reserve=True) == ["INSUFFICIENT_STOCK"]
        assert codes(empty) == ["EMPTY_ORDER"]
        assert codes(placed) == ["INVALID_TRANSITION"]


class TestUpdateOrder:
    def test_leaves_a_quote_whose_offer_stays(self, shop):
        id = shop.create(POSTAGE)
        send(shop, id)

        shop.world.run(update_order, UpdateOrder(id=id, note="Ring twice"))

        assert statuses(shop, id) == ["open"]
        assert shop.broken() == []


class TestAcceptQuote:
    def test_places_at_the_prices_that_were_offered(self, shop):
        mug = shop.variant("MUG", 5)
        id = shop.create(goods("MUG", 2))
        send(shop, id)
        shop.world.run(update_variant, UpdateVariant(id=mug, prices=(price(99_000_000),)))

        accept(shop, id, 1)

        order = shop.order(id)
        assert (order.status, order.total, order.quoted_until) == (
            OrderStatus.OPEN,
            euros(2_000),
            None,
        )
        assert statuses(shop, id) == ["accepted"]
        assert shop.broken() == []

    def test_is_what_placing_does_while_the_quote_is_open(self, shop):
        mug = shop.variant("MUG", 5)
        first, second = shop.create(goods("MUG", 2)), shop.create(goods("MUG", 2))
        send(shop, first)
        send(shop, second)
        shop.world.run(update_variant, UpdateVariant(id=mug, prices=(price(99_000_000),)))

        shop.world.run(place_order, PlaceOrder(id=first))
        shop.world.run(place_order, PlaceOrder(id=second), now=TOMORROW)

        assert (shop.order(first).total, shop.order(second).total) == (euros(2_000), euros(19_800))
        assert statuses(shop, first) == ["accepted"]
        assert statuses(shop, second) == ["expired"]
        assert shop.broken() == []

    def test_refuses_other_versions_and_what_has_ended(self, shop):
        id = shop.create(POSTAGE)
        send(shop, id)
        send(shop, id)

        assert shop.refused(accept_quote, AcceptQuote(id=id, quote=1)) == ["QUOTE_OVER"]
        assert shop.refused(accept_quote, AcceptQuote(id=id, quote=3)) == ["QUOTE_OVER"]
        late = shop.refused(accept_quote, AcceptQuote(id=id, quote=2), now=TOMORROW)
        assert late == ["QUOTE_OVER"]


class TestEnds:
    def test_come_by_time(self, shop):
        first, second = shop.create(POSTAGE), shop.create(POSTAGE)
        send(shop, first)
        send(shop, second, TOMORROW + timedelta(hours=1))

        ended = shop.world.run(expire_quotes, ExpireQuotes(), now=TOMORROW).value

        assert ended == 1
        assert (statuses(shop, first), statuses(shop, second)) == (["expired"], ["open"])
        assert shop.events(first)[-1] == "order.quote_ended"
        assert shop.order(first).quoted_until is None
        assert shop.broken() == []

    def test_come_with_the_draft(self, shop):
        id = shop.create(POSTAGE)
        send(shop, id)

        shop.world.run(cancel_order, CancelOrder(id=id, reason=CancelReason.CUSTOMER))

        assert statuses(shop, id) == ["withdrawn"]
        assert shop.broken() == []


QUOTE = """
mutation ($id: ID!, $until: DateTime!) {
  sent: orderQuoteSend(id: $id, input: {validUntil: $until}) { order { id } userErrors { code } }
  accepted: orderQuoteAccept(id: $id, input: {quote: 1}) {
    order {
      status quotedUntil
      quotes { number status amounts { total { amount } } offered {
        kind sku quantity unitPrice { amount } amounts { subtotal { amount } } } }
    }
    userErrors { code }
  }
}
"""


class TestOverGraphql:
    async def test_is_sent_accepted_and_shown(self, shop):
        id = ids.text("ord", shop.create(POSTAGE))

        answer = await shop.world.graphql(QUOTE, id=id, until="2999-01-01T00:00:00Z")

        assert answer["accepted"]["userErrors"] == []
        assert answer["accepted"]["order"] == {
            "status": "OPEN",
            "quotedUntil": None,
            "quotes": [
                {
                    "number": 1,
                    "status": "ACCEPTED",
                    "amounts": {"total": {"amount": "4.50"}},
                    "offered": [
                        {
                            "kind": "CHARGE",
                            "sku": "POST",
                            "quantity": 1,
                            "unitPrice": {"amount": "4.50"},
                            "amounts": {"subtotal": {"amount": "4.50"}},
                        }
                    ],
                }
            ],
        }
