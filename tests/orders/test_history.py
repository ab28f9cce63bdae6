"""Orders that are taken over from another system. On both databases."""

from uuid import UUID

import pytest

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands import history
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.orders.model.orders import FulfillmentStatus, OrderStatus
from tests.databases import count_statements
from tests.orders.history import Record, charge, record, record_all, recorded
from tests.orders.shop import POSTAGE, euros, goods, price
from tests.world import NOW, caller

THEN = NOW.replace(year=2011)


def mug(id, quantity=3, micro=1_115_000, **values):
    given = {"kind": LineKind.GOODS, "variant_id": id, "sku": "MUG", "title": "WHITE MUG"}
    return charge(**{**given, "quantity": quantity, "unit_price": price(micro), **values})


class TestRecordOrders:
    def test_are_closed_and_shipped_as_they_were(self, shop):
        id = shop.variant("MUG")

        ids = record(shop, recorded(shop, "536365", mug(id), charge()))["536365"]

        order = shop.order(ids.order_id)
        assert (order.number, order.serial, order.recorded) == ("536365", 536_365, True)
        assert order.status is OrderStatus.CLOSED
        assert order.fulfillment_status is FulfillmentStatus.SHIPPED
        assert (order.created_at, order.placed_at, order.closed_at) == (THEN, THEN, THEN)
        assert order.total == order.current.total == euros(334 + 1_800)
        lines = shop.lines(ids.order_id)
        assert [line.id for line in lines] == list(ids.line_ids)
        assert [(line.shipped, line.rounding_micro) for line in lines] == [(3, 5_000), (0, 0)]
        assert shop.log(ids.order_id)[-1].type == "order.recorded"
        assert shop.reserved(id) == 0
        assert shop.broken() == []

    def test_may_have_what_the_present_would_refuse(self, shop):
        id = shop.variant("MUG")
        free = mug(id, quantity=1, micro=0)

        ids = record(shop, recorded(shop, "A-1", free, free), recorded(shop, "B", charge()))

        assert shop.order(ids["A-1"].order_id).total == euros(0)
        assert shop.order(ids["B"].order_id).serial == 0
        assert shop.order(ids["B"].order_id).fulfillment_status is FulfillmentStatus.UNALLOCATED
        assert shop.broken() == []

    def test_are_found_by_number_external_id_sku_and_title(self, shop):
        id = shop.variant("MUG")
        name = ExternalId("old", "INV 7")
        ids = record(shop, recorded(shop, "7", mug(id), external_ids=(name,)))["7"]

        found = shop.world.read(queries.orders_by_external_ids, [name])
        assert found[name].id == ids.order_id
        for words in ("7", "inv", "mug white"):
            page = shop.world.read(queries.order_list.page, PageRequest(search=words))
            assert [each.id for each in page.rows] == [ids.order_id]

    def test_take_the_series_of_the_channel_past_their_numbers(self, shop):
        record(shop, recorded(shop, "W-41"), recorded(shop, "900"), recorded(shop, "W-9"))

        assert shop.order(shop.place(POSTAGE)).number == "W-42"
        assert shop.broken() == []

    def test_take_as_many_statements_for_many_as_for_few(self, shop):
        id = shop.variant("MUG")

        def statements(first, count):
            orders = [
                recorded(
                    shop,
                    str(number),
                    *(mug(id) for _ in range(count)),
                    external_ids=(ExternalId("old", str(number)),),
                )
                for number in range(first, first + count)
            ]
            with count_statements(shop.world.database) as seen:
                record(shop, *orders)
            return len(seen)

        assert statements(1, 2) == statements(100, 30)
        assert shop.broken() == []

    def test_may_be_none(self, shop):
        assert record(shop) == {}

    def test_are_refused_as_a_whole_when_one_is_there_already(self, shop):
        name = ExternalId("old", "1")
        record(shop, recorded(shop, "1", external_ids=(name,)))
        shop.place(POSTAGE)

        def codes(*orders):
            return shop.refused(record_all, Record(orders=orders))

        assert codes(recorded(shop, "2"), recorded(shop, "1")) == ["NUMBER_TAKEN"]
        assert codes(recorded(shop, "W-1")) == ["NUMBER_TAKEN"]
        again = recorded(shop, "2", external_ids=(name,))
        assert codes(recorded(shop, "3"), again) == ["EXTERNAL_ID_TAKEN"]

    def test_are_refused_when_they_are_wrong_in_themselves(self, shop):
        id = shop.variant("MUG")
        wrong = (
            mug(id, quantity=0),
            mug(None),
            charge(variant_id=id),
            mug(id, micro=-1),
            mug(id, unit_price=UnitPrice(1, "USD")),
            mug(id, sku="x" * 81),
            mug(id, title="x" * 3_001),
        )

        with pytest.raises(DomainError) as refusal:
            record(shop, recorded(shop, "1", *wrong), recorded(shop, "1"))

        assert [(each.code, each.path) for each in refusal.value.reasons()] == [
            ("OUT_OF_RANGE", ("orders", 0, "lines", 0, "quantity")),
            ("VARIANT_NEEDED", ("orders", 0, "lines", 1, "variant_id")),
            ("VARIANT_NEEDED", ("orders", 0, "lines", 2, "variant_id")),
            ("NEGATIVE_AMOUNT", ("orders", 0, "lines", 3, "unit_price")),
            ("CURRENCY_MISMATCH", ("orders", 0, "lines", 4, "unit_price")),
            ("INVALID_TEXT", ("orders", 0, "lines", 5, "sku")),
            ("INVALID_TEXT", ("orders", 0, "lines", 6, "title")),
            ("DUPLICATE", ("orders", 1, "number")),
        ]
        large = recorded(shop, "1", mug(id, micro=10**18), mug(id))
        assert shop.refused(record_all, Record(orders=(large,))) == ["AMOUNT_TOO_LARGE"]
        nowhere = recorded(shop, "1", channel_id=UUID(int=1))
        assert shop.refused(record_all, Record(orders=(nowhere,))) == ["UNKNOWN_CHANNEL"]

    def test_are_refused_when_there_are_too_many(self, shop, monkeypatch):
        monkeypatch.setattr(history, "ORDERS_MAX", 1)
        orders = (recorded(shop, "1"), recorded(shop, "2"))

        assert shop.refused(record_all, Record(orders=orders)) == ["TOO_MANY"]

    def test_take_the_scope_to_import(self, shop):
        somebody = caller(*ALL_SCOPES - {Scope.IMPORTS_WRITE})

        codes = shop.refused(record_all, Record(orders=()), caller=somebody)

        assert codes == ["NOT_ALLOWED"]

    def test_sell_on_beside_the_present(self, shop):
        id = shop.variant("MUG", 5)
        record(shop, recorded(shop, "1", mug(id)))

        shop.place(goods("MUG", 5))

        assert shop.reserved(id) == 5
        assert shop.broken() == []
