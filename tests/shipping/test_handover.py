"""Manifests, pickups and the freight audit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands.freight import (
    AcceptFreightCharge,
    RecordFreightCharges,
    accept_charge,
    record_charges,
)
from backoffice_api.domain.shipping.commands.labels import VoidLabel, void_label
from backoffice_api.domain.shipping.commands.manifests import (
    AddToManifest,
    CancelManifest,
    CloseManifest,
    CreateManifest,
    RemoveFromManifest,
    add_to_manifest,
    cancel_manifest,
    close_manifest,
    create_manifest,
    remove_from_manifest,
)
from backoffice_api.domain.shipping.commands.measuring import MeasureServices, measure_services
from backoffice_api.domain.shipping.commands.pickups import (
    CancelPickup,
    ConfirmPickup,
    RequestPickup,
    SettlePickup,
    cancel_pickup,
    confirm_pickup,
    request_pickup,
    settle_pickup,
)
from backoffice_api.domain.shipping.model.freight import ChargeDraft, ChargeStatus
from backoffice_api.domain.shipping.model.handover import ManifestStatus, Pickup, PickupStatus
from backoffice_api.domain.shipping.model.shipments import ShipmentStatus
from tests.orders.shop import euros
from tests.shipping.desk import Desk
from tests.shipping.test_labels import codes
from tests.world import NOW


def new_manifest(desk: Desk, carrier: UUID | None = None) -> UUID:
    command = CreateManifest(carrier_id=carrier or desk.carrier)
    id: UUID = desk.run(create_manifest, command)
    return id


class TestManifests:
    def test_hold_each_shipment_once_in_parallel(self, desk: Desk) -> None:
        shipments = [desk.labelled() for _ in range(3)]

        def create(_: int) -> UUID | str:
            try:
                return new_manifest(desk)
            except DomainError as refusal:
                return refusal.code

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(create, range(5)))

        assert answers.count("NOTHING_TO_HAND_OVER") == 4
        (made,) = (each for each in answers if isinstance(each, UUID))
        assert {desk.shipment(id).manifest_id for id in shipments} == {made}
        assert desk.world.read(queries.manifests_by_ids, [made])[made].number == "LOCAL-1"
        assert desk.broken() == []

    def test_are_changed_until_they_are_closed(self, desk: Desk) -> None:
        first = desk.labelled()
        id = new_manifest(desk)
        second = desk.labelled()
        desk.run(add_to_manifest, AddToManifest(id=id, shipment_ids=(second,)))
        desk.run(remove_from_manifest, RemoveFromManifest(id=id, shipment_ids=(first,)))
        with pytest.raises(DomainError) as refusal:
            desk.run(void_label, VoidLabel(id=second))
        assert codes(refusal) == ["ON_MANIFEST"]

        desk.run(close_manifest, CloseManifest(id=id))
        desk.work()

        found = desk.world.read(queries.manifests_by_ids, [id])[id]
        assert (found.status, found.pieces) == (ManifestStatus.CLOSED, 1)
        assert desk.shipment(second).status is ShipmentStatus.HANDED_OVER
        assert desk.shipment(first).manifest_id is None
        with pytest.raises(DomainError) as refusal:
            desk.run(add_to_manifest, AddToManifest(id=id, shipment_ids=(first,)))
        assert codes(refusal) == ["INVALID_TRANSITION"]
        assert desk.broken() == []

    def test_are_open_again_when_the_carrier_says_no(self, desk: Desk) -> None:
        service, carrier = desk.fake()
        shipment = desk.labelled(service)
        id = new_manifest(desk, desk.shipment(shipment).carrier_id)
        carrier.tell("fail", "sold")
        desk.run(close_manifest, CloseManifest(id=id))
        desk.work()
        refused = desk.world.read(queries.manifests_by_ids, [id])[id]

        desk.run(close_manifest, CloseManifest(id=id))
        assert [desk.work(), desk.work()] == [1, 0]

        assert (refused.status, refused.trouble) == (
            ManifestStatus.OPEN,
            "The address is not served",
        )
        found = desk.world.read(queries.manifests_by_ids, [id])[id]
        assert (found.status, found.carrier_reference) == (ManifestStatus.CLOSED, "FM-FAKE-1")

    def test_free_their_shipments_when_they_are_given_up(self, desk: Desk) -> None:
        shipment = desk.labelled()
        desk.run(cancel_manifest, CancelManifest(id=new_manifest(desk)))

        again = new_manifest(desk)

        assert desk.shipment(shipment).manifest_id == again
        assert desk.broken() == []

    def test_take_nothing_of_another_carrier(self, desk: Desk) -> None:
        service, _ = desk.fake()
        other = desk.labelled(service)

        command = CreateManifest(carrier_id=desk.carrier, shipment_ids=(other,))
        with pytest.raises(DomainError) as refusal:
            desk.run(create_manifest, command)

        assert codes(refusal) == ["NOT_TO_HAND_OVER"]
        assert desk.shipment(other).manifest_id is None


def requested(desk: Desk, carrier: UUID) -> UUID:
    command = RequestPickup(
        carrier_id=carrier,
        location_id=desk.shop.locations[0],
        window_from=NOW + timedelta(hours=2),
        window_until=NOW + timedelta(hours=4),
        pieces=3,
        weight_g=9_000,
    )
    id: UUID = desk.run(request_pickup, command)
    return id


def pickup(desk: Desk, id: UUID) -> Pickup:
    found: Pickup = desk.world.read(queries.pickups_by_ids, [id])[id]
    return found


class TestPickups:
    def test_are_confirmed_by_a_person_where_nobody_is_asked(self, desk: Desk) -> None:
        id = requested(desk, desk.carrier)

        desk.run(confirm_pickup, ConfirmPickup(id=id, confirmation="Mr Silva, at ten"))
        confirmed = pickup(desk, id).status
        desk.run(cancel_pickup, CancelPickup(id=id))

        assert confirmed is PickupStatus.CONFIRMED
        assert pickup(desk, id).status is PickupStatus.CANCELLED

    def test_are_confirmed_and_called_off_by_the_carrier(self, desk: Desk) -> None:
        service, _ = desk.fake()
        id = requested(desk, desk.carrier_of(service))
        with pytest.raises(DomainError) as refusal:
            desk.run(confirm_pickup, ConfirmPickup(id=id, confirmation="x"))
        assert codes(refusal) == ["CARRIER_CONFIRMS"]
        desk.work()
        confirmed = pickup(desk, id)
        desk.run(cancel_pickup, CancelPickup(id=id))
        between = pickup(desk, id).status
        desk.work()

        assert confirmed.confirmation == f"FP-{id.hex[-8:].upper()}"
        assert between is PickupStatus.CANCELLING
        assert pickup(desk, id).status is PickupStatus.CANCELLED

    def test_that_are_confirmed_after_they_were_withdrawn_are_called_off(self, desk: Desk) -> None:
        service, _ = desk.fake()
        id = requested(desk, desk.carrier_of(service))
        desk.run(cancel_pickup, CancelPickup(id=id))
        withdrawn = pickup(desk, id).status

        desk.run(settle_pickup, SettlePickup(id=id, confirmation="FP-1"))
        told = pickup(desk, id).status
        desk.work()

        assert withdrawn is PickupStatus.CANCELLED
        assert told is PickupStatus.CANCELLING
        assert pickup(desk, id).status is PickupStatus.CANCELLED

    def test_fail_when_the_carrier_says_no(self, desk: Desk) -> None:
        service, carrier = desk.fake()
        carrier.tell("fail")
        id = requested(desk, desk.carrier_of(service))

        desk.work()

        assert pickup(desk, id).status is PickupStatus.FAILED


def record(desk: Desk, invoice: str, *charges: tuple[str, int], tolerance: int = 0) -> list[UUID]:
    command = RecordFreightCharges(
        carrier_id=desk.carrier,
        invoice=invoice,
        charges=tuple(
            ChargeDraft(tracking_number=number, amount=euros(minor)) for number, minor in charges
        ),
        tolerance=euros(tolerance),
    )
    return list(desk.run(record_charges, command))


class TestFreightAudit:
    def test_holds_each_charge_against_what_the_label_cost(self, desk: Desk) -> None:
        one, two = (desk.shipment(desk.labelled()).tracking_number or "" for _ in range(2))

        made = record(desk, "I-1", (one, 505), (two, 400), (two, 250), ("nobody", 100), tolerance=5)

        found = desk.world.read(queries.charges_by_ids, made)
        assert [(found[id].status, found[id].variance_minor) for id in made] == [
            (ChargeStatus.AGREES, 5),
            (ChargeStatus.AGREES, 0),
            (ChargeStatus.DIFFERS, 150),
            (ChargeStatus.UNKNOWN, 0),
        ]
        assert desk.broken() == []

    def test_records_an_invoice_once(self, desk: Desk) -> None:
        record(desk, "I-1", ("x", 1))

        with pytest.raises(DomainError) as refusal:
            record(desk, "I-1", ("y", 1))

        assert codes(refusal) == ["INVOICE_RECORDED"]

    def test_expects_nothing_more_of_a_parcel_that_was_charged_before(self, desk: Desk) -> None:
        number = desk.shipment(desk.labelled()).tracking_number or ""
        record(desk, "I-1", (number, 650))

        again = record(desk, "I-2", (number, 300), (number, 200))

        found = desk.world.read(queries.charges_by_ids, again)
        assert [(found[id].status, found[id].expected_minor) for id in again] == [
            (ChargeStatus.AGREES, 300),
            (ChargeStatus.DIFFERS, -300),
        ]
        assert desk.broken() == []

    def test_lets_a_person_decide(self, desk: Desk) -> None:
        (id,) = record(desk, "I-1", ("x", 1))

        desk.run(accept_charge, AcceptFreightCharge(id=id))

        found = desk.world.read(queries.charges_by_ids, [id])[id]
        assert found.status is ChargeStatus.ACCEPTED


class TestMeasureServices:
    def test_counts_what_came_late(self, desk: Desk) -> None:
        desk.deliver(desk.labelled(), days=3)
        desk.deliver(desk.labelled(), days=30)
        desk.labelled()

        desk.run(measure_services, MeasureServices())
        desk.run(measure_services, MeasureServices())

        found = desk.world.read(queries.figures_by_services, [desk.service])[desk.service]
        assert (found.shipped, found.delivered, found.late) == (3, 2, 1)
        assert found.late_permille == 500
