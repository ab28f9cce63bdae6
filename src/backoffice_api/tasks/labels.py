"""How a worker buys labels and gives them back: of parcels of ours, and of those that come back.

Nothing outside is called within a transaction. A label is bought once: see `Labels` and ADR 0030.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.money import INT64_MAX
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Command, Meta
from backoffice_api.domain.returns.commands import labels as return_labels
from backoffice_api.domain.returns.commands.label_settling import OF_RETURNS
from backoffice_api.domain.returns.model.labels import ReturnLabel
from backoffice_api.domain.returns.model.shipments import DROP_OFF_LENGTH_MAX
from backoffice_api.domain.returns.queries import labels as return_queries
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands import labels, purchases
from backoffice_api.domain.shipping.commands.purchases import Purchases
from backoffice_api.domain.shipping.commands.settling import OF_SHIPMENTS
from backoffice_api.domain.shipping.model.carriers import (
    DECLARING_KINDS,
    Carrier,
    CarrierService,
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
    CarrierRefusal,
    Carriers,
    CarrierSilent,
    Consignment,
    Declaration,
    LabelOrder,
    LabelStorage,
    Purchase,
)
from backoffice_api.domain.shipping.queries.declaring import declaration_of

LABEL_BYTES_MAX = 5_000_000
# What each kind of file begins with.
_BEGINNINGS = {
    LabelFormat.PDF: b"%PDF-",
    LabelFormat.ZPL: b"^XA",
    LabelFormat.PNG: b"\x89PNG\r\n\x1a\n",
}


class StillCallingError(Exception):
    """Somebody else may be calling the carrier for the same label; it is looked at again later."""


class Desk:
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


@dataclass(frozen=True, slots=True)
class LabelLife:
    """How labels of one kind are read and declared, and by which commands they are settled."""

    read: Callable[[Connection, UUID], tuple[Any, Carrier, CarrierService]]
    declare: Callable[[Connection, Any], Declaration]
    purchases: Purchases[Any]
    buy_job: str
    void_job: str
    is_return: bool = False


class Labels:
    """Buys a label once. The carrier is called only after the call was noted.

    A call that was noted and not settled is either still under way, then it is waited for; or its
    caller died or got no answer, then the carrier is asked for the key before anything else. Where
    it cannot be asked, a person has to find out.
    """

    def __init__(self, desk: Desk, life: LabelLife) -> None:
        self._desk = desk
        self._life = life

    def buy(self, id: UUID) -> None:
        """Raises: CarrierSilent, StillCallingError: nobody knows yet; it is tried again later."""
        shipment, carrier, service = self._desk.read(lambda db: self._life.read(db, id))
        key = shipment.purchase_key
        if shipment.status is not ShipmentStatus.PENDING or key is None:
            return
        try:
            port = self._port(shipment, carrier)
            declared = self._declared(shipment, carrier)
            order = LabelOrder(key, shipment, service, self._life.is_return, declared)
            purchase = self._purchase(port, order)
            if purchase is not None:
                self._settle(shipment, key, purchase)
        except CarrierRefusal as refusal:
            command = purchases.FailPurchase(id=id, key=key, trouble=str(refusal))
            self._desk.run(self._life.purchases.fail, command, self._life.buy_job)
        except CarrierSilent as silence:
            trouble = purchases.NoteTrouble(id=id, trouble=str(silence))
            self._desk.run(self._life.purchases.note_trouble, trouble, self._life.buy_job)
            raise

    def _port(self, shipment: Any, carrier: Carrier) -> CarrierPort:
        """Raises: CarrierRefusal: nothing can be bought. StillCallingError: it may have been."""
        try:
            return self._desk.carriers.of(carrier)
        except CarrierRefusal as refusal:
            if shipment.called_at is None:
                raise
            raise StillCallingError(str(refusal)) from None

    def _declared(self, shipment: Any, carrier: Carrier) -> Declaration:
        if carrier.kind not in DECLARING_KINDS:
            return Declaration()
        declared: Declaration = self._desk.read(lambda db: self._life.declare(db, shipment))
        return declared

    def _purchase(self, port: CarrierPort, order: LabelOrder) -> Purchase | None:
        """What was bought: by this call, or by one before it. None: nobody can know."""
        begin = purchases.BeginPurchase(id=order.shipment.id, key=order.key)
        turn = self._desk.run(self._life.purchases.begin, begin, self._life.buy_job)
        if turn is not Turn.FIRST and not port.repeats_safely:
            if turn is Turn.BUSY:
                raise StillCallingError
            if not port.can_be_asked:
                self._doubt(order, "The carrier was called and did not answer")
                return None
            if found := _found(port, order):
                return _readable(found, order.shipment)
        try:
            return _readable(port.buy_label(order), order.shipment)
        except CarrierSilent as silence:
            if port.can_be_asked or port.repeats_safely:
                raise
            self._doubt(order, str(silence))
            return None

    def _doubt(self, order: LabelOrder, trouble: str) -> None:
        command = purchases.DoubtPurchase(id=order.shipment.id, key=order.key, trouble=trouble)
        self._desk.run(self._life.purchases.doubt, command, self._life.buy_job)

    def _settle(self, shipment: Consignment, key: str, purchase: Purchase) -> None:
        """Keep the files first: what is noted must be there. The same key keeps the same place."""
        stored = []
        for each in purchase.files:
            place = labels.key_of_label(key, each.format)
            self._desk.storage.keep(place, each.content)
            stored.append(
                purchases.StoredLabel(
                    format=each.format,
                    key=place,
                    byte_size=len(each.content),
                    sha256=hashlib.sha256(each.content).hexdigest(),
                )
            )
        command = purchases.SettlePurchase(
            id=shipment.id,
            key=key,
            tracking_number=purchase.tracking_number,
            reference=purchase.reference,
            cost_minor=purchase.cost_minor,
            files=tuple(stored),
            drop_off_code=purchase.drop_off_code,
        )
        self._desk.run(self._life.purchases.settle, command, self._life.buy_job)

    def void(self, id: UUID) -> None:
        """Raises: CarrierSilent: there was no answer; it is tried again later."""
        shipment, carrier, _ = self._desk.read(lambda db: self._life.read(db, id))
        if shipment.status is not ShipmentStatus.VOIDING:
            return
        trouble = None
        try:
            self._desk.carriers.of(carrier).void_label(shipment)
        except CarrierRefusal as refusal:
            trouble = str(refusal) or "No"
        command = purchases.SettleVoid(id=id, trouble=trouble)
        self._desk.run(self._life.purchases.settle_void, command, self._life.void_job)


def _of_shipment(db: Connection, id: UUID) -> tuple[Shipment, Carrier, CarrierService]:
    found = queries.shipment(db, id)
    return found, queries.carrier(db, found.carrier_id), queries.service(db, found.service_id)


def _of_return(db: Connection, id: UUID) -> tuple[ReturnLabel, Carrier, CarrierService]:
    found = return_queries.label(db, id)
    return found, queries.carrier(db, found.carrier_id), queries.service(db, found.service_id)


OUTGOING = LabelLife(_of_shipment, declaration_of, OF_SHIPMENTS, labels.BUY_JOB, labels.VOID_JOB)
COMING_BACK = LabelLife(
    _of_return,
    return_queries.declaration_of,
    OF_RETURNS,
    return_labels.BUY_JOB,
    return_labels.VOID_JOB,
    is_return=True,
)


def _found(port: CarrierPort, order: LabelOrder) -> Purchase | None:
    """Raises: CarrierSilent: a carrier that will not be asked says nothing of what it sold."""
    try:
        return port.find_label(order)
    except CarrierRefusal as refusal:
        raise CarrierSilent(str(refusal)) from refusal


def _readable(purchase: Purchase, shipment: Consignment) -> Purchase:
    """The answer of a carrier, if it makes sense.

    Raises:
        CarrierSilent: it does not, so nobody knows what was bought.
    """
    number = purchase.tracking_number.strip()
    cost, code, reference = purchase.cost_minor, purchase.drop_off_code, purchase.reference
    faults = {
        "the tracking number": not number.isprintable()
        or not 1 <= len(number) <= TRACKING_LENGTH_MAX,
        "the reference": reference is not None
        and not (reference.isprintable() and len(reference) <= NAME_LENGTH_MAX),
        "the cost": cost is not None and not 0 <= cost <= INT64_MAX,
        "the currency": cost is not None and purchase.currency != shipment.currency,
        "the code": code is not None
        and not (code.isprintable() and 1 <= len(code) <= DROP_OFF_LENGTH_MAX),
        "the label": not (purchase.files or purchase.drop_off_code)
        or any(
            not each.content.lstrip().startswith(_BEGINNINGS[each.format])
            or len(each.content) > LABEL_BYTES_MAX
            for each in purchase.files
        ),
    }
    if wrong := [name for name, is_wrong in faults.items() if is_wrong]:
        raise CarrierSilent(f"The carrier's answer cannot be read: {', '.join(wrong)}")
    return purchase
