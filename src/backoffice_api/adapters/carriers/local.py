"""Carriers that we do not speak with: labels are our own, prices are known or typed."""

from collections.abc import Sequence

from backoffice_api.adapters.carriers.label_paper import AddressLabel, pdf, zpl
from backoffice_api.domain.shipping.model.carriers import Carrier, CarrierKind
from backoffice_api.domain.shipping.model.handover import Manifest, Pickup
from backoffice_api.domain.shipping.model.shipments import LabelFormat, Shipment
from backoffice_api.domain.shipping.ports import (
    CarrierRate,
    Consignment,
    LabelFile,
    LabelOrder,
    Purchase,
    RateRequest,
)


class LocalCarrier:
    """Nobody is called, so everything may be done again."""

    can_be_asked = False
    repeats_safely = True

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def rates(self, request: RateRequest) -> Sequence[CarrierRate]:
        return ()

    def buy_label(self, order: LabelOrder) -> Purchase:
        """Print the label. The number was typed, or is that of the shipment."""
        shipment = order.shipment
        manual = self._carrier.kind is CarrierKind.MANUAL
        number = shipment.tracking_number if manual else shipment.number
        label = address_label(self._carrier, order, number or shipment.number)
        return Purchase(
            tracking_number=label.number,
            reference=None,
            cost_minor=shipment.cost_minor if manual else shipment.quoted_minor,
            currency=shipment.currency,
            files=(
                LabelFile(LabelFormat.PDF, pdf(label)),
                LabelFile(LabelFormat.ZPL, zpl(label)),
            ),
        )

    def find_label(self, order: LabelOrder) -> Purchase | None:
        return None

    def void_label(self, shipment: Consignment) -> None:
        """There is nobody to tell."""

    def close_manifest(self, manifest: Manifest, shipments: Sequence[Shipment]) -> str | None:
        return None

    def request_pickup(self, pickup: Pickup) -> str:
        return "-"

    def cancel_pickup(self, pickup: Pickup) -> None:
        """There is nobody to tell."""


def address_label(carrier: Carrier, order: LabelOrder, number: str) -> AddressLabel:
    """What stands on a label of our own."""
    shipment, to = order.shipment, order.shipment.destination
    sender = carrier.sender
    cash = str(shipment.cash) if shipment.cash else None
    ours = _lines(
        sender.name,
        *sender.lines,
        _town(sender.postal_code, sender.city, sender.region),
        sender.country,
    )
    theirs = _lines(
        to.recipient,
        *to.lines,
        to.district,
        _town(to.postal_code, to.city, to.region),
        to.country,
    )
    return AddressLabel(
        sender=theirs if order.is_return else ours,
        recipient=ours if order.is_return else theirs,
        carrier=carrier.name,
        service=order.service.name,
        number=number,
        weight_g=shipment.weight_g,
        cash=cash,
    )


def _lines(*given: str | None) -> Sequence[str]:
    return [each for each in given if each]


def _town(postal_code: str | None, city: str, region: str | None) -> str:
    return " ".join(each for each in (postal_code, city, region) if each)
