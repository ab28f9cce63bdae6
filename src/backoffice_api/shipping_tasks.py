"""What a worker does with carriers: rates asked, labels bought and given back, parcels handed over.

Nothing outside is called within a transaction. What is to be done is read, done, and settled by a
command; so each is safe to repeat from the start, wherever it ended. A label is bought once: see
`_Labels` and ADR 0030.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.adapters.carriers.finding import KnownCarriers
from backoffice_api.adapters.label_storage import LabelFiles
from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.money import INT64_MAX
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Command, Meta
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands import (
    labels,
    manifests,
    pickups,
    quotes,
    settling,
)
from backoffice_api.domain.shipping.model.carriers import LOCAL_KINDS, Carrier
from backoffice_api.domain.shipping.model.handover import ManifestStatus, PickupStatus
from backoffice_api.domain.shipping.model.quotes import TEXT_LENGTH_MAX, Offer, QuoteStatus
from backoffice_api.domain.shipping.model.rating import (
    Piece,
    Place,
    RateRefusal,
    billable_g,
    promised_on,
    refusals,
)
from backoffice_api.domain.shipping.model.shipments import (
    TRACKING_LENGTH_MAX,
    LabelFormat,
    Shipment,
    ShipmentStatus,
    Turn,
)
from backoffice_api.domain.shipping.ports import (
    CarrierPort,
    CarrierRate,
    CarrierRefusal,
    Carriers,
    CarrierSilent,
    LabelOrder,
    LabelStorage,
    Purchase,
    RateRequest,
)
from backoffice_api.domain.shipping.queries.rating import RateCard, in_currency, rate_card
from backoffice_api.settings import Settings
from backoffice_api.tasks import Progress, Task

LABEL_BYTES_MAX = 5_000_000
# What each kind of file begins with.
_BEGINNINGS = {
    LabelFormat.PDF: b"%PDF-",
    LabelFormat.ZPL: b"^XA",
    LabelFormat.PNG: b"\x89PNG\r\n\x1a\n",
}


class StillCallingError(Exception):
    """Somebody else may be calling the carrier for the same label; it is looked at again later."""


class _Desk:
    """Reads rows and runs commands, as the system, each in a transaction of its own."""

    def __init__(
        self,
        database: Database,
        carriers: Carriers,
        storage: LabelStorage,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._now = now
        self.carriers = carriers
        self.storage = storage

    def read(self, query: Callable[[Connection], Any]) -> Any:
        with self._database.fresh.connect() as db:
            return query(db)

    def run(self, handler: Callable[..., Any], command: Command, name: str) -> Any:
        meta = Meta(request_id=name)
        return execute(
            self._database, handler, command, caller=THE_SYSTEM, now=self._now(), meta=meta
        ).value


class Labels:
    """Buys a label once. The carrier is called only after the call was noted.

    A call that was noted and not settled is either still under way, then it is waited for; or its
    caller died or got no answer, then the carrier is asked for the key before anything else. Where
    it cannot be asked, a person has to find out.
    """

    def __init__(self, desk: _Desk) -> None:
        self._desk = desk

    def buy(self, id: UUID) -> None:
        """Raises: CarrierSilent, StillCallingError: nobody knows yet; it is tried again later."""
        shipment, carrier, service = self._desk.read(lambda db: _of_shipment(db, id))
        key = shipment.purchase_key
        if shipment.status is not ShipmentStatus.PENDING or key is None:
            return
        try:
            port = self._port(shipment, carrier)
            order = LabelOrder(key, shipment, service)
            purchase = self._purchase(port, order)
            if purchase is not None:
                self._settle(shipment, key, purchase)
        except CarrierRefusal as refusal:
            command = settling.FailPurchase(id=id, key=key, trouble=str(refusal))
            self._desk.run(settling.fail_purchase, command, labels.BUY_JOB)
        except CarrierSilent as silence:
            trouble = settling.NoteTrouble(id=id, trouble=str(silence))
            self._desk.run(settling.note_trouble, trouble, labels.BUY_JOB)
            raise

    def _port(self, shipment: Shipment, carrier: Carrier) -> CarrierPort:
        """Raises: CarrierRefusal: nothing can be bought. StillCallingError: it may have been."""
        try:
            return self._desk.carriers.of(carrier)
        except CarrierRefusal as refusal:
            if shipment.called_at is None:
                raise
            raise StillCallingError(str(refusal)) from None

    def _purchase(self, port: CarrierPort, order: LabelOrder) -> Purchase | None:
        """What was bought: by this call, or by one before it. None: nobody can know."""
        begin = settling.BeginPurchase(id=order.shipment.id, key=order.key)
        turn = self._desk.run(settling.begin_purchase, begin, labels.BUY_JOB)
        if turn is not Turn.FIRST and not port.repeats_safely:
            if turn is Turn.BUSY:
                raise StillCallingError
            if not port.can_be_asked:
                self._doubt(order, "The carrier was called and did not answer")
                return None
            if found := port.find_label(order.key):
                return _readable(found, order.shipment)
        try:
            return _readable(port.buy_label(order), order.shipment)
        except CarrierSilent as silence:
            if port.can_be_asked or port.repeats_safely:
                raise
            self._doubt(order, str(silence))
            return None

    def _doubt(self, order: LabelOrder, trouble: str) -> None:
        command = settling.DoubtPurchase(id=order.shipment.id, key=order.key, trouble=trouble)
        self._desk.run(settling.doubt_purchase, command, labels.BUY_JOB)

    def _settle(self, shipment: Shipment, key: str, purchase: Purchase) -> None:
        """Keep the files first: what is noted must be there. The same key keeps the same place."""
        stored = []
        for each in purchase.files:
            place = labels.key_of_label(shipment, each.format)
            self._desk.storage.keep(place, each.content)
            stored.append(
                settling.StoredLabel(
                    format=each.format,
                    key=place,
                    byte_size=len(each.content),
                    sha256=hashlib.sha256(each.content).hexdigest(),
                )
            )
        command = settling.SettlePurchase(
            id=shipment.id,
            key=key,
            tracking_number=purchase.tracking_number,
            reference=purchase.reference,
            cost_minor=purchase.cost_minor,
            files=tuple(stored),
        )
        self._desk.run(settling.settle_purchase, command, labels.BUY_JOB)

    def void(self, id: UUID) -> None:
        """Raises: CarrierSilent: there was no answer; it is tried again later."""
        shipment, carrier, _ = self._desk.read(lambda db: _of_shipment(db, id))
        if shipment.status is not ShipmentStatus.VOIDING:
            return
        trouble = None
        try:
            self._desk.carriers.of(carrier).void_label(shipment)
        except CarrierRefusal as refusal:
            trouble = str(refusal) or "No"
        command = settling.SettleVoid(id=id, trouble=trouble)
        self._desk.run(settling.settle_void, command, labels.VOID_JOB)


class HandingOver:
    """Tells carriers what they get, and when to come for it."""

    def __init__(self, desk: _Desk) -> None:
        self._desk = desk

    def close(self, id: UUID) -> None:
        """Raises: CarrierSilent: there was no answer; it is tried again later."""
        manifest = self._desk.read(lambda db: queries.manifest(db, id))
        if manifest.status is not ManifestStatus.PENDING:
            return
        carrier = self._desk.read(lambda db: queries.carrier(db, manifest.carrier_id))
        on_it = self._desk.read(lambda db: queries.on_manifest(db, id))
        try:
            reference = self._desk.carriers.of(carrier).close_manifest(manifest, on_it)
            command = manifests.SettleManifest(id=id, reference=reference)
        except CarrierRefusal as refusal:
            command = manifests.SettleManifest(id=id, trouble=str(refusal) or "No")
        self._desk.run(manifests.settle_manifest, command, manifests.MANIFEST_JOB)

    def request(self, id: UUID) -> None:
        """Raises: CarrierSilent: there was no answer; it is tried again later."""
        pickup = self._desk.read(lambda db: queries.pickup(db, id))
        if pickup.status is not PickupStatus.REQUESTED:
            return
        carrier = self._desk.read(lambda db: queries.carrier(db, pickup.carrier_id))
        try:
            confirmation = self._desk.carriers.of(carrier).request_pickup(pickup)
            command = pickups.SettlePickup(id=id, confirmation=confirmation)
        except CarrierRefusal as refusal:
            command = pickups.SettlePickup(id=id, trouble=str(refusal) or "No")
        self._desk.run(pickups.settle_pickup, command, pickups.PICKUP_JOB)

    def call_off(self, id: UUID) -> None:
        """Raises: CarrierSilent: there was no answer; it is tried again later."""
        pickup = self._desk.read(lambda db: queries.pickup(db, id))
        if pickup.status is not PickupStatus.CANCELLING:
            return
        carrier = self._desk.read(lambda db: queries.carrier(db, pickup.carrier_id))
        trouble = None
        try:
            self._desk.carriers.of(carrier).cancel_pickup(pickup)
        except CarrierRefusal as refusal:
            trouble = str(refusal) or "No"
        command = pickups.SettlePickupCancel(id=id, trouble=trouble)
        self._desk.run(pickups.settle_pickup_cancel, command, pickups.CANCEL_PICKUP_JOB)


class Rates:
    """Asks carriers for their prices. One that does not answer holds nobody up: it is left out."""

    def __init__(self, desk: _Desk) -> None:
        self._desk = desk

    def ask(self, id: UUID) -> None:
        """Ask all carriers that are spoken with, and settle the quote."""
        quote = self._desk.read(lambda db: queries.rate_quote(db, id))
        if quote.status is QuoteStatus.READY:
            return
        card: RateCard = self._desk.read(rate_card)
        place = quote.place
        request = RateRequest(
            country=place.country,
            region=place.region,
            postal_code=place.postal_code,
            city=quote.city,
            weight_g=quote.weight_g,
            length_mm=quote.length_mm,
            width_mm=quote.width_mm,
            height_mm=quote.height_mm,
            value_minor=quote.value_minor,
            currency=quote.currency,
        )
        offers: list[Offer] = []
        for carrier in card.carriers.values():
            if carrier.kind not in LOCAL_KINDS:
                offers += self._offers(card, carrier, request, quote.piece, quote.created_at)
        settled = tuple(in_currency(each, quote.currency) for each in offers)
        command = quotes.SettleRateQuote(id=id, offers=settled)
        self._desk.run(quotes.settle_rate_quote, command, quotes.QUOTE_JOB)

    def _offers(
        self, card: RateCard, carrier: Carrier, request: RateRequest, piece: Piece, at: datetime
    ) -> Sequence[Offer]:
        """What one carrier asks for each of its services."""
        rates: dict[str, CarrierRate] = {}
        trouble: RateRefusal | None = None
        said: str | None = None
        try:
            found = self._desk.carriers.of(carrier).rates(request)
            rates = {each.service_code: each for each in found}
        except CarrierRefusal as refusal:
            trouble, said = RateRefusal.CARRIER_REFUSED, str(refusal)
        except CarrierSilent as silence:
            trouble, said = RateRefusal.NO_ANSWER, str(silence)
        place = Place(request.country, request.region, request.postal_code)
        made = []
        for service in card.services:
            if service.carrier_id != carrier.id:
                continue
            rate = rates.get(service.code)
            wrong = list(refusals(service, piece, place))
            if trouble is not None:
                wrong.append(trouble)
            elif rate is None or any(not 0 <= line.minor <= INT64_MAX for line in rate.lines):
                wrong.append(RateRefusal.CARRIER_REFUSED)
            made.append(
                Offer(
                    carrier_id=carrier.id,
                    service_id=service.id,
                    currency=rate.currency if rate else carrier.currency,
                    billable_g=billable_g(piece, service.volumetric_divisor),
                    promised_on=(rate.promised_on if rate else None)
                    or promised_on(service, at, carrier.time_zone),
                    lines=rate.lines if rate and not wrong else (),
                    refusals=tuple(wrong),
                    said=settling.cut(said)[:TEXT_LENGTH_MAX] if said else None,
                    late_permille=card.late_permille.get(service.id),
                )
            )
        return made


def shipping_tasks(settings: Settings, database: Database) -> Mapping[str, Task]:
    """What a worker does with carriers, by the kind of the job."""
    folder = Path(settings.files_folder)
    carriers = KnownCarriers(folder / "fake-carriers", settings.carriers_secret)
    return tasks_of(database, carriers, label_files(settings))


def label_files(settings: Settings) -> LabelFiles:
    """Where the settings say that labels are kept."""
    return LabelFiles(LocalFolder(Path(settings.files_folder) / "labels"))


def tasks_of(
    database: Database,
    carriers: Carriers,
    storage: LabelStorage,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Mapping[str, Task]:
    """The same, with these carriers, this storage and this clock."""
    desk = _Desk(database, carriers, storage, now)
    bought, handed, rates = Labels(desk), HandingOver(desk), Rates(desk)
    return {
        labels.BUY_JOB: _task("shm", bought.buy),
        labels.VOID_JOB: _task("shm", bought.void),
        manifests.MANIFEST_JOB: _task("man", handed.close),
        pickups.PICKUP_JOB: _task("pup", handed.request),
        pickups.CANCEL_PICKUP_JOB: _task("pup", handed.call_off),
        quotes.QUOTE_JOB: _task("qut", rates.ask),
    }


def _task(prefix: str, do: Callable[[UUID], None]) -> Task:
    def work(payload: Mapping[str, Any], progress: Progress) -> bool:
        progress(0, None)  # The lease begins anew: a call may take as long as carriers let us wait.
        do(ids.parse(prefix, payload["id"]))
        return False

    return Task(work)


def _of_shipment(db: Connection, id: UUID) -> Any:
    shipment = queries.shipment(db, id)
    carrier = queries.carrier(db, shipment.carrier_id)
    return shipment, carrier, queries.service(db, shipment.service_id)


def _readable(purchase: Purchase, shipment: Shipment) -> Purchase:
    """The answer of a carrier, if it makes sense.

    Raises:
        CarrierSilent: it does not, so nobody knows what was bought.
    """
    number = purchase.tracking_number.strip()
    cost = purchase.cost_minor
    faults = {
        "the tracking number": not number.isprintable()
        or not 1 <= len(number) <= TRACKING_LENGTH_MAX,
        "the cost": cost is not None and not 0 <= cost <= INT64_MAX,
        "the currency": cost is not None and purchase.currency != shipment.currency,
        "the label": not purchase.files
        or any(
            not each.content.lstrip().startswith(_BEGINNINGS[each.format])
            or len(each.content) > LABEL_BYTES_MAX
            for each in purchase.files
        ),
    }
    if wrong := [name for name, is_wrong in faults.items() if is_wrong]:
        raise CarrierSilent(f"The carrier's answer cannot be read: {', '.join(wrong)}")
    return purchase
