"""What a worker does with carriers: rates asked, labels bought and given back, parcels handed over.

Nothing outside is called within a transaction. What is to be done is read, done, and settled by a
command; so each is safe to repeat from the start, wherever it ended. A label is bought once: see
`labels` and ADR 0030.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from backoffice_api.adapters.carriers.finding import KnownCarriers
from backoffice_api.adapters.label_storage import LabelFiles
from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.money import INT64_MAX
from backoffice_api.domain.returns.commands import labels as return_labels
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands import (
    labels,
    manifests,
    pickups,
    purchases,
    quotes,
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
from backoffice_api.domain.shipping.ports import (
    CarrierRate,
    CarrierRefusal,
    Carriers,
    CarrierSilent,
    LabelStorage,
    RateRequest,
)
from backoffice_api.domain.shipping.queries.rating import RateCard, in_currency, rate_card
from backoffice_api.settings import Settings
from backoffice_api.task import Progress, Task
from backoffice_api.tasks.labels import COMING_BACK, OUTGOING, Desk, Labels


class HandingOver:
    """Tells carriers what they get, and when to come for it."""

    def __init__(self, desk: Desk) -> None:
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

    def __init__(self, desk: Desk) -> None:
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
                codes = tuple(each.code for each in card.services if each.carrier_id == carrier.id)
                asked = replace(request, services=codes)
                offers += self._offers(card, carrier, asked, quote.piece, quote.created_at)
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
                    said=purchases.cut(said)[:TEXT_LENGTH_MAX] if said else None,
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
    desk = Desk(database, carriers, storage, now)
    outgoing, coming = Labels(desk, OUTGOING), Labels(desk, COMING_BACK)
    handed, rates = HandingOver(desk), Rates(desk)
    return {
        labels.BUY_JOB: _task("shm", outgoing.buy),
        labels.VOID_JOB: _task("shm", outgoing.void),
        return_labels.BUY_JOB: _task("rlb", coming.buy),
        return_labels.VOID_JOB: _task("rlb", coming.void),
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
