"""Carriers over karrio (https://karrio.io), a library that speaks with many of them.

It is an extra: `pip install backoffice-api[karrio]`, and the connector of the carrier beside it,
as `karrio-dhl-express`. karrio offers no key under which a purchase could be repeated or asked
for, so what is not answered has to be found out by a person (ADR 0030).

Nor would a pickup, a manifest or a label given back be done once only if they were asked for again:
without an answer they count as refused, and a person settles them.

karrio turns whatever goes wrong into messages. Its own code for a failure of the connection, and
codes of servers' failures, say nothing about what was sold; all others are a carrier's no.
"""

import importlib
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.shipping.model.carriers import Carrier
from backoffice_api.domain.shipping.model.handover import Manifest, Pickup
from backoffice_api.domain.shipping.model.rating import LineKind, PriceLine
from backoffice_api.domain.shipping.model.shipments import LabelFormat, Shipment
from backoffice_api.domain.shipping.ports import (
    CarrierPort,
    CarrierRate,
    CarrierRefusal,
    CarrierSilent,
    Consignment,
    LabelFile,
    LabelOrder,
    Purchase,
    RateRequest,
)

T = TypeVar("T")

# Well below `CALL_MAX`, after which somebody else may take the purchase over.
CALL_TIME_S = 60.0
_NOBODY_KNOWS = "SHIPPING_SDK_INTERNAL_ERROR"
_SAID_LENGTH_MAX = 300


@contextmanager
def _asked_once() -> Iterator[None]:
    """For what is not to be repeated by itself: silence has a person ask the carrier.

    Raises:
        CarrierRefusal: the carrier said no, or nothing.
    """
    try:
        yield
    except CarrierSilent as silence:
        raise CarrierRefusal(f"No answer, it may be done: ask the carrier. {silence}") from silence


def karrio_carrier(carrier: Carrier, settings: Mapping[str, Any]) -> CarrierPort:
    """How to speak with a carrier over karrio. `settings`: what its connector needs to sign in.

    Raises:
        CarrierRefusal: karrio or the connector is not installed, or the settings do not fit it.
    """
    connector = carrier.connector or ""
    try:
        sdk = importlib.import_module("karrio.sdk")
        importlib.import_module(f"karrio.mappers.{connector}")
    except ImportError:
        package = f"karrio-{connector.replace('_', '-')}"
        raise CarrierRefusal(
            f"karrio is not installed here: install backoffice-api[karrio] and {package}"
        ) from None
    # It logs requests with addresses and keys; what matters comes back as messages.
    importlib.import_module("loguru").logger.disable("karrio")
    given = {"carrier_id": carrier.code, **settings}
    if carrier.account is not None and "account_number" in given:
        given["account_number"] = carrier.account
    made = _finished(lambda: sdk.gateway[connector].create(given))
    if made.exception() is not None:
        # What it says may hold the settings: it is not repeated.
        raise CarrierRefusal(f"The settings of carrier {carrier.code} do not fit {connector}")
    return KarrioCarrier(carrier, sdk, made.result())


class KarrioCarrier:
    """A carrier over karrio."""

    can_be_asked = False
    repeats_safely = False

    def __init__(self, carrier: Carrier, sdk: Any, gateway: Any) -> None:
        self._carrier = carrier
        self._sdk = sdk
        self._gateway = gateway
        self._models = importlib.import_module("karrio.core.models")

    def rates(self, request: RateRequest) -> Sequence[CarrierRate]:
        to = self._models.Address(
            country_code=request.country,
            state_code=request.region,
            postal_code=request.postal_code,
            city=request.city,
        )
        parcel = self._parcel(
            request.weight_g, request.length_mm, request.width_mm, request.height_mm
        )
        asked = self._models.RateRequest(shipper=self._sender(), recipient=to, parcels=[parcel])
        return self._asked(
            lambda: self._sdk.Rating.fetch(asked).from_(self._gateway).parse(),
            lambda rates: [self._rate(each) for each in rates],
        )

    def buy_label(self, order: LabelOrder) -> Purchase:
        shipment = order.shipment
        parcel = self._parcel(
            shipment.weight_g, shipment.length_mm, shipment.width_mm, shipment.height_mm
        )
        options: dict[str, Any] = {"currency": shipment.currency}
        for name, money in (("insurance", shipment.value), ("cash_on_delivery", shipment.cash)):
            if money:
                options[name] = float(money.amount)
        ours, theirs = self._sender(), self._customer(shipment)
        asked = self._models.ShipmentRequest(
            service=order.service.code,
            shipper=theirs if order.is_return else ours,
            recipient=ours if order.is_return else theirs,
            is_return=order.is_return,
            parcels=[parcel],
            options=options,
            reference=order.key,
            label_type="PDF",
        )
        return self._asked(
            lambda: self._sdk.Shipment.create(asked).from_(self._gateway).parse(),
            lambda details: self._purchase(details, shipment),
        )

    def find_label(self, order: LabelOrder) -> Purchase | None:
        raise CarrierSilent("karrio cannot tell what became of a purchase")

    @_asked_once()
    def void_label(self, shipment: Consignment) -> None:
        asked = self._models.ShipmentCancelRequest(
            shipment_identifier=shipment.carrier_reference or shipment.tracking_number
        )
        self._confirmed(lambda: self._sdk.Shipment.cancel(asked).from_(self._gateway).parse())

    @_asked_once()
    def close_manifest(self, manifest: Manifest, shipments: Sequence[Shipment]) -> str | None:
        asked = self._models.ManifestRequest(
            shipment_identifiers=[
                each.carrier_reference or each.tracking_number for each in shipments
            ],
            address=self._sender(),
            reference=manifest.number,
        )
        return self._asked(
            lambda: self._sdk.Manifest.create(asked).from_(self._gateway).parse(),
            lambda details: str(details.id) if details.id else None,
        )

    @_asked_once()
    def request_pickup(self, pickup: Pickup) -> str:
        here = ZoneInfo(self._carrier.time_zone)
        begin, end = (each.astimezone(here) for each in (pickup.window_from, pickup.window_until))
        asked = self._models.PickupRequest(
            pickup_date=begin.date().isoformat(),
            ready_time=f"{begin:%H:%M}",
            closing_time=f"{end:%H:%M}",
            address=self._sender(),
            parcels=[self._parcel(pickup.weight_g, None, None, None)],
            parcels_count=pickup.pieces,
            instruction=pickup.note,
        )
        return self._asked(
            lambda: self._sdk.Pickup.schedule(asked).from_(self._gateway).parse(),
            lambda details: str(details.confirmation_number),
        )

    @_asked_once()
    def cancel_pickup(self, pickup: Pickup) -> None:
        asked = self._models.PickupCancelRequest(
            confirmation_number=pickup.confirmation, address=self._sender()
        )
        self._confirmed(lambda: self._sdk.Pickup.cancel(asked).from_(self._gateway).parse())

    def _asked(self, call: Callable[[], Any], read: Callable[[Any], T]) -> T:
        """What the carrier answered, as `read` makes it of the details.

        Raises:
            CarrierRefusal, CarrierSilent.
        """

        def both() -> tuple[T | None, Sequence[Any]]:
            details, messages = call()
            return (read(details) if details else None), messages

        asked = _finished(both)
        if (trouble := asked.exception()) is not None:
            raise CarrierSilent(f"The answer cannot be read ({type(trouble).__name__})")
        found, messages = asked.result()
        if found is None:
            raise _refusal(messages)
        return found

    def _confirmed(self, call: Callable[[], Any]) -> None:
        if not self._asked(call, lambda details: bool(details.success)):
            raise CarrierRefusal("The carrier did not do it")

    def _rate(self, rate: Any) -> CarrierRate:
        day = date.fromisoformat(rate.estimated_delivery[:10]) if rate.estimated_delivery else None
        currency = rate.currency or self._carrier.currency
        line = PriceLine(LineKind.WEIGHT, str(rate.service), _minor(rate.total_charge, currency))
        return CarrierRate(str(rate.service), currency, (line,), day)

    def _purchase(self, details: Any, shipment: Consignment) -> Purchase:
        rate, docs = details.selected_rate, details.docs
        kind = LabelFormat(str(details.label_type or "PDF").lower())
        given = {LabelFormat.ZPL: docs.zpl_label, LabelFormat.PDF: docs.pdf_label}
        if docs.label:
            given[kind] = docs.label
        if codes := [each.base64 for each in docs.extra_documents or () if _is_code(each)]:
            given[LabelFormat.PNG] = codes[0]
        currency = (rate.currency if rate else None) or shipment.currency
        return Purchase(
            tracking_number=str(details.tracking_number),
            reference=details.shipment_identifier and str(details.shipment_identifier),
            cost_minor=_minor(rate.total_charge, currency) if rate else None,
            currency=currency,
            files=tuple(
                LabelFile(format, b64decode(text)) for format, text in given.items() if text
            ),
        )

    def _sender(self) -> Any:
        sender = self._carrier.sender
        first, *more = sender.lines
        return self._models.Address(
            company_name=sender.name,
            person_name=sender.name,
            address_line1=first,
            address_line2=", ".join(more) or None,
            city=sender.city,
            state_code=sender.region,
            postal_code=sender.postal_code,
            country_code=sender.country,
        )

    def _customer(self, shipment: Consignment) -> Any:
        to = shipment.destination
        first, *more = to.lines
        rest = [*more, to.district] if to.district else more
        return self._models.Address(
            person_name=to.recipient,
            address_line1=first,
            address_line2=", ".join(rest) or None,
            city=to.city,
            state_code=to.region,
            postal_code=to.postal_code,
            country_code=to.country,
            phone_number=shipment.phone,
        )

    def _parcel(
        self, weight_g: int, length_mm: int | None, width_mm: int | None, height_mm: int | None
    ) -> Any:
        sides = {"length": length_mm, "width": width_mm, "height": height_mm}
        return self._models.Parcel(
            weight=weight_g / 1_000,
            weight_unit="KG",
            dimension_unit="CM",
            **{name: side / 10 for name, side in sides.items() if side is not None},
        )


def _finished(call: Callable[[], T]) -> "Future[T]":
    """What a call came to.

    Raises:
        CarrierSilent: it takes too long. It may still do what it was asked.
    """
    caller = ThreadPoolExecutor(1, "karrio")
    called = caller.submit(call)
    caller.shutdown(wait=False)
    if wait([called], CALL_TIME_S).not_done:
        raise CarrierSilent("No answer within the time")
    return called


def _refusal(messages: Sequence[Any]) -> CarrierRefusal | CarrierSilent:
    """What it means that there is no answer but these messages."""
    said = "; ".join(str(each.message) for each in messages if each.message)[:_SAID_LENGTH_MAX]
    codes = {str(each.code) for each in messages if each.code is not None}
    if not messages or any(code == _NOBODY_KNOWS or _of_server(code) for code in codes):
        return CarrierSilent(said or "There was no answer")
    return CarrierRefusal(said or "The carrier said no")


def _of_server(code: str) -> bool:
    """Whether a code is that of a server's own failure (RFC 9110, 15.6)."""
    return len(code) == 3 and code.startswith("5") and code.isdecimal()


def _is_code(document: Any) -> bool:
    """Whether it is a picture that is shown where a parcel is handed over, instead of a label."""
    return (document.category, str(document.format).upper()) == ("QRCode", "PNG")


def _minor(amount: float, currency: str) -> int:
    """An amount as karrio gives it, in minor units, rounded half-even."""
    return round(Decimal(str(amount)).scaleb(exponent(currency)))
