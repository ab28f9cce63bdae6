"""Goods that stay here are not sent: drafts are cancelled, labels given back."""

from uuid import UUID

from backoffice_api.domain.fulfillment.commands.keeping import CancelFulfillment, cancel_fulfillment
from backoffice_api.domain.fulfillment.commands.packing import RemoveParcel, remove_parcel
from backoffice_api.domain.shipping.commands.labels import BuyLabel, buy_label
from backoffice_api.domain.shipping.commands.manifests import CreateManifest, create_manifest
from backoffice_api.domain.shipping.model.shipments import ShipmentStatus
from tests.shipping.desk import Desk


def removed(desk: Desk, id: UUID) -> None:
    desk.run(remove_parcel, RemoveParcel(id=desk.shipment(id).parcel_id))


class TestARemovedParcel:
    def test_is_not_sent(self, desk: Desk) -> None:
        id = desk.ship()

        removed(desk, id)

        assert desk.shipment(id).status is ShipmentStatus.CANCELLED

    def test_has_its_label_given_back_and_leaves_the_manifest(self, desk: Desk) -> None:
        id = desk.labelled()
        desk.run(create_manifest, CreateManifest(carrier_id=desk.carrier))

        removed(desk, id)
        asked = desk.shipment(id)
        desk.work()

        assert (asked.status, asked.manifest_id) == (ShipmentStatus.VOIDING, None)
        assert desk.shipment(id).status is ShipmentStatus.VOIDED
        assert desk.broken() == []

    def test_has_a_label_given_back_that_was_being_bought(self, desk: Desk) -> None:
        service, carrier = desk.fake()
        id = desk.ship(service)
        desk.run(buy_label, BuyLabel(id=id))
        removed(desk, id)
        between = desk.shipment(id).status

        desk.work()  # It is bought,
        desk.work()  # and given back.

        assert between is ShipmentStatus.PENDING
        assert desk.shipment(id).status is ShipmentStatus.VOIDED
        assert carrier.sold() == [f"{id.hex}1"]
        assert desk.broken() == []


class TestACancelledFulfillment:
    def test_is_not_sent(self, desk: Desk) -> None:
        fulfillment, (first, second) = desk.pack(800, 900)
        draft, labelled = desk.ship_parcel(first), desk.ship_parcel(second)
        desk.run(buy_label, BuyLabel(id=labelled))
        desk.work()

        desk.run(cancel_fulfillment, CancelFulfillment(id=fulfillment))
        desk.work()

        assert desk.shipment(draft).status is ShipmentStatus.CANCELLED
        assert desk.shipment(labelled).status is ShipmentStatus.VOIDED
