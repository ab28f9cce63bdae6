"""From the label to the doorstep: followed, arrived, and told to the customer. Both databases."""

import pytest

from backoffice_api.domain.fulfillment import queries as fulfillment
from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState
from backoffice_api.domain.messages.model.topics import MessageTopic
from backoffice_api.domain.orders.model.orders import FulfillmentStatus
from backoffice_api.domain.shipping.commands.labels import VoidLabel, void_label
from backoffice_api.domain.shipping.model.shipment_events import LabelBought
from backoffice_api.domain.tracking import queries
from tests.fulfillment.hall import Hall as Warehouse
from tests.messages.post import Post, Script
from tests.orders.shop import address, goods
from tests.shipping.desk import Desk
from tests.tracking.hall import Hall, told
from tests.world import NOW


class TestLabel:
    @pytest.fixture
    def desk(self, world, tmp_path):
        return Desk(world, tmp_path)

    def test_has_its_parcel_followed_under_its_number(self, desk):
        id = desk.labelled(desk.fake()[0])

        shipment = desk.shipment(id)
        found = desk.world.read(queries.trackings_by_parcels, [shipment.parcel_id])
        tracking = found[shipment.parcel_id]
        assert tracking.number == shipment.tracking_number.upper()
        assert (tracking.carrier, tracking.order_id) == ("fake", shipment.order_id)
        (event,) = [each for each in desk.shop.log(id) if each.type == LabelBought.type]
        assert event.data["tracking_number"] == shipment.tracking_number

    def test_that_is_given_back_ends_it(self, desk):
        service = desk.fake()[0]
        id = desk.labelled(service)
        parcel = desk.shipment(id).parcel_id
        first = desk.world.read(queries.trackings_by_parcels, [parcel])[parcel]

        desk.run(void_label, VoidLabel(id=id))
        desk.work()

        ended = desk.world.read(queries.trackings_by_ids, [first.id])[first.id]
        assert (ended.state, ended.cause) == ("cancelled", "shipper_request")


class TestDoorstep:
    def test_is_told_to_the_customer_with_every_step(self, world):
        post = Post(world)
        post.template(MessageTopic.ORDER_SHIPPED)
        post.template(MessageTopic.ORDER_DELIVERED)
        warehouse = Warehouse.__new__(Warehouse)
        warehouse.__dict__.update(post.shop.__dict__)
        warehouse.north, warehouse.south = post.shop.locations
        order = post.shop.place(
            goods("MUG", 2), email="ana@example.com", shipping_address=address()
        )
        (id,) = warehouse.plan(order)
        parcel = warehouse.packed(id)
        hall = Hall(world)
        hall.follow("N1", parcel)
        hall.record(told("delivered/x", -1))  # before the shop has noted that it left
        assert warehouse.of(id).status is FulfillmentState.PACKED

        warehouse.send(id)

        assert warehouse.of(id).status is FulfillmentState.DELIVERED
        assert world.read(fulfillment.parcels_by_ids, [parcel])[parcel].delivered_at is not None
        assert warehouse.order(order).fulfillment_status is FulfillmentStatus.DELIVERED
        assert [each.delivered for each in warehouse.lines(order)] == [2]
        assert warehouse.events(order)[-1] == "order.delivered"
        assert post.follow() == 2
        script = Script()
        post.send(script)
        assert [each.topic for each in post.messages()] == ["order_shipped", "order_delivered"]
        assert "usps: N1" in script.mails[0].text
        assert {each.sent_at for each in post.messages()} == {NOW}
        assert [*hall.broken(), *post.broken(), *Warehouse.broken(warehouse)] == []
