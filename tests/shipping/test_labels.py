"""Labels: bought once, whatever happens on the way."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest

from backoffice_api.adapters.carriers.fake import FakeCarrier
from backoffice_api.domain.fulfillment.model.fulfillments import DispatchGate, FulfillmentState
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands.labels import (
    BuyLabel,
    FetchLabel,
    LabelTicketSpent,
    ReprintLabel,
    VoidLabel,
    buy_label,
    fetch_label,
    reprint_label,
    ticket_hash,
    void_label,
)
from backoffice_api.domain.shipping.commands.purchases import ResolvePurchase
from backoffice_api.domain.shipping.commands.settling import resolve_purchase
from backoffice_api.domain.shipping.commands.shipments import (
    CancelShipment,
    CreateShipments,
    cancel_shipment,
    create_shipments,
)
from backoffice_api.domain.shipping.model.carriers import Carrier, CarrierKind
from backoffice_api.domain.shipping.model.shipments import (
    LabelFormat,
    ParcelToSend,
    ShipmentStatus,
)
from backoffice_api.domain.shipping.ports import CarrierPort, CarrierRefusal
from tests.orders.shop import euros
from tests.shipping.desk import Desk
from tests.world import caller


def codes(refusal: pytest.ExceptionInfo[DomainError]) -> list[str]:
    return [each.code for each in refusal.value.reasons()]


class Unset:
    """An installation that cannot speak with any carrier."""

    def of(self, carrier: Carrier) -> CarrierPort:
        raise CarrierRefusal("It is not set up here")


class TestBuyLabel:
    def test_prints_a_label_of_our_own(self, desk: Desk) -> None:
        fulfillment, (parcel,) = desk.pack(800)
        id = desk.ship_parcel(parcel)

        desk.run(buy_label, BuyLabel(id=id))
        pending = desk.shipment(id).status
        desk.work()

        found = desk.shipment(id)
        assert pending is ShipmentStatus.PENDING
        assert found.status is ShipmentStatus.LABELLED
        assert (found.tracking_number, found.cost_minor) == (found.number, 500)
        files = {
            each.format: desk.storage.read(each.key)
            for each in desk.world.read(queries.labels_by_shipments, [id])[id]
        }
        assert (files[LabelFormat.PDF] or b"").startswith(b"%PDF-1.4")
        assert f"^FD{found.number}^FS".encode() in (files[LabelFormat.ZPL] or b"")
        assert "São Paulo".encode() in (files[LabelFormat.ZPL] or b"")
        assert desk.fulfillment(fulfillment).status is FulfillmentState.READY
        assert desk.broken() == []

    def test_takes_number_and_cost_of_a_carrier_that_is_not_spoken_with(self, desk: Desk) -> None:
        manual = desk.new_service(desk.new_carrier("MAN", CarrierKind.MANUAL), "any")
        id = desk.ship(manual)
        with pytest.raises(DomainError) as refusal:
            desk.run(buy_label, BuyLabel(id=id))
        assert codes(refusal) == ["TRACKING_NUMBER_NEEDED"]

        desk.run(buy_label, BuyLabel(id=id, tracking_number="AB123", cost=euros(777)))
        desk.work()

        found = desk.shipment(id)
        assert (found.status, found.tracking_number) == (ShipmentStatus.LABELLED, "AB123")
        assert found.cost_minor == 777

    def test_leaves_a_fulfillment_whose_document_is_not_there(self, desk: Desk) -> None:
        fulfillment, (parcel,) = desk.pack(800, gate=DispatchGate.CLOSED)
        desk.run(buy_label, BuyLabel(id=desk.ship_parcel(parcel)))

        desk.work()

        assert desk.fulfillment(fulfillment).status is FulfillmentState.PACKED

    def test_is_ready_with_the_last_of_several_parcels(self, desk: Desk) -> None:
        fulfillment, (first, second) = desk.pack(800, 900)
        desk.run(buy_label, BuyLabel(id=desk.ship_parcel(first)))
        desk.work()
        between = desk.fulfillment(fulfillment).status

        desk.run(buy_label, BuyLabel(id=desk.ship_parcel(second)))
        desk.work()

        assert between is FulfillmentState.PACKED
        assert desk.fulfillment(fulfillment).status is FulfillmentState.READY

    def test_notes_that_the_carrier_said_no_and_may_be_tried_again(self, desk: Desk) -> None:
        service, carrier = desk.fake()
        carrier.tell("fail")
        id = desk.ship(service)
        desk.run(buy_label, BuyLabel(id=id))

        desk.work()
        failed = desk.shipment(id)
        desk.run(buy_label, BuyLabel(id=id))
        desk.work()

        assert (failed.status, failed.trouble) == (
            ShipmentStatus.FAILED,
            "The address is not served",
        )
        assert desk.shipment(id).status is ShipmentStatus.LABELLED
        assert carrier.sold() == [f"{id.hex}2"]

    def test_does_not_fail_for_want_of_the_carrier_after_it_was_called(self, desk: Desk) -> None:
        service, carrier = desk.fake()
        carrier.tell("sold")
        id = desk.ship(service)
        desk.run(buy_label, BuyLabel(id=id))
        desk.work()
        known, desk.carriers = desk.carriers, Unset()

        desk.work()
        between = desk.shipment(id).status
        desk.carriers = known
        desk.work()

        assert between is ShipmentStatus.PENDING
        assert desk.shipment(id).status is ShipmentStatus.LABELLED
        assert carrier.sold() == [f"{id.hex}1"]

    @pytest.mark.parametrize("word", ["sold", "garbage"])
    def test_asks_what_became_of_it_when_there_is_no_answer(self, desk: Desk, word: str) -> None:
        service, carrier = desk.fake()
        carrier.tell(word)
        id = desk.ship(service)
        desk.run(buy_label, BuyLabel(id=id))

        assert desk.work() == 1
        between = desk.shipment(id)
        assert desk.work() == 0

        assert between.status is ShipmentStatus.PENDING
        assert between.trouble is not None
        assert desk.shipment(id).status is ShipmentStatus.LABELLED
        assert carrier.sold() == [f"{id.hex}1"]

    def test_buys_at_last_where_nothing_was_sold(self, desk: Desk) -> None:
        service, carrier = desk.fake()
        carrier.tell("silent", "silent")
        id = desk.ship(service)
        desk.run(buy_label, BuyLabel(id=id))

        assert [desk.work(), desk.work(), desk.work()] == [1, 1, 0]

        assert desk.shipment(id).status is ShipmentStatus.LABELLED
        assert carrier.sold() == [f"{id.hex}1"]

    def test_asks_again_where_the_reference_cannot_be_kept(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service, carrier = desk.fake()
        honest = FakeCarrier.buy_label
        monkeypatch.setattr(
            FakeCarrier, "buy_label", lambda *given: replace(honest(*given), reference="\0")
        )
        id = desk.ship(service)
        desk.run(buy_label, BuyLabel(id=id))

        desk.work()
        between = desk.shipment(id).trouble
        desk.work()

        assert between == "The carrier's answer cannot be read: the reference"
        assert desk.shipment(id).status is ShipmentStatus.LABELLED
        assert carrier.sold() == [f"{id.hex}1"]

    def test_leaves_it_to_a_person_where_nobody_can_be_asked(self, desk: Desk) -> None:
        service, carrier = desk.fake()
        desk.carriers = _Mute(desk.carriers)  # type: ignore[assignment]
        carrier.tell("sold")
        id = desk.ship(service)
        desk.run(buy_label, BuyLabel(id=id))

        desk.work()
        unclear = desk.shipment(id).status
        resolve = ResolvePurchase(id=id, was_bought=True, tracking_number="FK1", cost=euros(500))
        desk.run(resolve_purchase, resolve)

        assert unclear is ShipmentStatus.UNCLEAR
        found = desk.shipment(id)
        assert (found.status, found.tracking_number) == (ShipmentStatus.LABELLED, "FK1")
        assert len(carrier.sold()) == 1

    def test_of_many_at_once_buys_one(self, desk: Desk) -> None:
        service, carrier = desk.fake()
        id = desk.ship(service)

        def buy(_: int) -> str:
            try:
                desk.run(buy_label, BuyLabel(id=id))
            except DomainError as refusal:
                return refusal.code
            return "done"

        with ThreadPoolExecutor(4) as threads:
            answers = sorted(threads.map(buy, range(6)))
        desk.work()

        assert answers == ["INVALID_TRANSITION"] * 5 + ["done"]
        assert carrier.sold() == [f"{id.hex}1"]


class TestCreateShipments:
    def test_makes_one_of_a_parcel_in_parallel(self, desk: Desk) -> None:
        _, (parcel,) = desk.pack()

        def create(_: int) -> str:
            try:
                desk.ship_parcel(parcel)
            except DomainError as refusal:
                return refusal.code
            return "done"

        with ThreadPoolExecutor(4) as threads:
            answers = sorted(threads.map(create, range(6)))

        assert answers == ["PARCEL_HAS_SHIPMENT"] * 5 + ["done"]
        assert desk.broken() == []

    def test_frees_the_parcel_when_it_is_cancelled(self, desk: Desk) -> None:
        _, (parcel,) = desk.pack()
        first = desk.ship_parcel(parcel)
        desk.run(cancel_shipment, CancelShipment(id=first))

        second = desk.ship_parcel(parcel)

        assert desk.shipment(second).number == f"{desk.shipment(first).number}-S1"

    def test_tells_all_that_is_wrong_and_makes_nothing(self, desk: Desk) -> None:
        _, (light, unweighed) = desk.pack(800, None)
        wrong = (
            ParcelToSend(parcel_id=light, value=euros(-1)),
            ParcelToSend(parcel_id=unweighed),
            ParcelToSend(parcel_id=UUID(int=1)),
        )

        with pytest.raises(DomainError) as refusal:
            desk.run(create_shipments, CreateShipments(service_id=desk.service, parcels=wrong))

        assert codes(refusal) == ["OUT_OF_RANGE", "PARCEL_NOT_WEIGHED", "UNKNOWN_PARCEL"]
        assert [each.path for each in refusal.value.reasons()] == [
            ("parcels", 0, "value"),
            ("parcels", 1, "parcel_id"),
            ("parcels", 2, "parcel_id"),
        ]
        assert desk.world.read(queries.live_shipments_by_parcels, [light]) == {}


class TestTheLog:
    def test_tells_costs_apart(self, desk: Desk) -> None:
        id = desk.labelled()

        changes = {each["path"]: each for entry in desk.shop.log(id) for each in entry.changes}
        for name in ("quoted_minor", "cost_minor"):
            assert changes[name]["after"] == "(cost)"
            assert changes[name]["costs"] == {"before": None, "after": 500}


class TestVoidLabel:
    def test_gives_it_back_and_the_fulfillment_is_ready_no_more(self, desk: Desk) -> None:
        service, _ = desk.fake()
        id = desk.labelled(service)
        fulfillment = desk.shipment(id).fulfillment_id
        ready = desk.fulfillment(fulfillment).status

        desk.run(void_label, VoidLabel(id=id))
        desk.work()

        assert desk.shipment(id).status is ShipmentStatus.VOIDED
        assert ready is FulfillmentState.READY
        assert desk.fulfillment(fulfillment).status is FulfillmentState.PACKED
        with pytest.raises(DomainError) as refusal:
            desk.run(reprint_label, ReprintLabel(id=id, format=LabelFormat.PDF))
        assert codes(refusal) == ["UNKNOWN_LABEL"]
        assert desk.broken() == []

    def test_keeps_it_where_the_carrier_says_no(self, desk: Desk) -> None:
        service, carrier = desk.fake()
        id = desk.labelled(service)
        carrier.tell("fail")

        desk.run(void_label, VoidLabel(id=id))
        desk.work()

        assert desk.shipment(id).status is ShipmentStatus.LABELLED

    def test_is_repeated_until_there_is_an_answer(self, desk: Desk) -> None:
        service, carrier = desk.fake()
        id = desk.labelled(service)
        carrier.tell("sold")
        desk.run(void_label, VoidLabel(id=id))

        assert [desk.work(), desk.work()] == [1, 0]

        assert desk.shipment(id).status is ShipmentStatus.VOIDED


class TestReprintLabel:
    def test_takes_the_right_to_see_whom_it_names(self, desk: Desk) -> None:
        again = ReprintLabel(id=desk.labelled(), format=LabelFormat.PDF)

        with pytest.raises(DomainError) as refusal:
            desk.run(reprint_label, again, caller=caller(Scope.SHIPPING_WRITE))

        assert codes(refusal) == ["NOT_ALLOWED"]

    def test_makes_an_address_that_is_good_once(self, desk: Desk) -> None:
        id = desk.labelled()

        ticket = desk.run(reprint_label, ReprintLabel(id=id, format=LabelFormat.ZPL))
        fetch = FetchLabel(ticket=ticket_hash(ticket.secret))
        label_id = desk.run(fetch_label, fetch)

        label = desk.world.read(queries.labels_by_ids, [label_id])[label_id]
        assert (label.shipment_id, label.format) == (id, LabelFormat.ZPL)
        with pytest.raises(LabelTicketSpent):
            desk.run(fetch_label, fetch)


class _Mute:
    """Carriers that cannot be asked what became of a key."""

    def __init__(self, carriers: object) -> None:
        self._carriers = carriers

    def of(self, carrier: object) -> object:
        port = self._carriers.of(carrier)  # type: ignore[attr-defined]
        port.can_be_asked = False
        return port
