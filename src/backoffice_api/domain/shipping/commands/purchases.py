"""Buying labels, whatever they are for: what became of what a carrier was asked.

Each step repeats without doing anything twice. A settlement names the key of the purchase; one that
comes late, or again, finds that another key is under way or that all is done, and changes nothing.
Labels of shipments and of goods that come back live so (ADR 0030); `Purchases` says where they
differ.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Table

from backoffice_api.domain.kernel.aggregates import Aggregate, add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_text, storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.shipping.model.carriers import PRICE_MAX_MINOR
from backoffice_api.domain.shipping.model.shipments import (
    MACHINE,
    TRACKING_LENGTH_MAX,
    TROUBLE_LENGTH_MAX,
    WITH_LABEL,
    Label,
    LabelFormat,
    PurchaseMoved,
    ShipmentStatus,
    TrackingNumberNeeded,
    Turn,
)
from backoffice_api.domain.shipping.tables import shipments, shipping_labels

NOT_BOUGHT = "Somebody found out that no label was bought"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLabel:
    """A file of a label that lies in the storage under `key`."""

    format: LabelFormat
    key: str
    byte_size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginPurchase(Command):
    """The carrier is about to be called. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlePurchase(Command):
    """The carrier has sold a label under `key`. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    key: str
    tracking_number: str
    reference: str | None
    cost_minor: int | None
    files: tuple[StoredLabel, ...]
    drop_off_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailPurchase(Command):
    """The carrier has sold nothing under `key`, for certain. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    key: str
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtPurchase(Command):
    """Nobody knows what the carrier did, and it cannot be asked. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    key: str
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTrouble(Command):
    """The carrier was not reached; it is tried again. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvePurchase(Command):
    """What a person found out. Without a number: nothing was bought."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    was_bought: bool
    tracking_number: str | None = None
    cost: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleVoid(Command):
    """The carrier has taken the label back, or not, for `trouble`. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = shipments
    id: UUID
    trouble: str | None = None


class Purchased(Aggregate, Protocol):
    """A row that has a label, or gets one."""

    @property
    def status(self) -> ShipmentStatus: ...
    @property
    def currency(self) -> str: ...
    @property
    def purchase_key(self) -> str | None: ...
    @property
    def trouble(self) -> str | None: ...
    def turn(self, now: datetime) -> Turn: ...


L = TypeVar("L", bound=Purchased)


@dataclass(frozen=True, slots=True)
class Purchases(Generic[L]):
    """Labels of one kind: where they lie, what is told of them, and what follows.

    `read` raises if there is no such label. `files_of`: by which column of the files they are
    named. `labelled` gets the row before, the row as bought and the code for handing it over; it
    saves, tells, and does what follows. `voided` does what follows a label that was given back.
    """

    table: Table
    read: Callable[[Connection, UUID], L]
    files_of: str
    called: Callable[[L], Event]
    failed: Callable[[L, str], Event]
    unclear: Callable[[L], Event]
    kept: Callable[[L], Event]
    given_back: Callable[[L], Event]
    labelled: Callable[[UnitOfWork, L, L, str | None], L]
    voided: Callable[[UnitOfWork, L], None]

    def begin(self, uow: UnitOfWork, command: BeginPurchase) -> Turn:
        """Note that the carrier is about to be called, if it may be. Of two who ask, one may.

        Raises:
            PurchaseMoved.
        """
        before = self._under_way(uow, command.id, command.key)
        turn = before.turn(uow.now)
        if turn is not Turn.BUSY:
            self._save(uow, before, self.called, called_at=uow.now, trouble=None)
        return turn

    def settle(self, uow: UnitOfWork, command: SettlePurchase) -> UUID:
        """Note the label that was bought, and its files. Its id.

        Raises:
            PurchaseMoved.
        """
        before = self.read(uow.db, command.id)
        if before.purchase_key == command.key and before.status in WITH_LABEL:
            return before.id
        before = self._under_way(uow, command.id, command.key)
        self._keep_files(uow, command)
        bought = {
            "tracking_number": command.tracking_number,
            "carrier_reference": command.reference,
            "cost_minor": command.cost_minor,
        }
        return self._labelled(uow, before, command.drop_off_code, **bought).id

    def fail(self, uow: UnitOfWork, command: FailPurchase) -> UUID:
        """Note that nothing was bought. Its id.

        Raises:
            PurchaseMoved.
        """
        return self._failed(uow, self._under_way(uow, command.id, command.key), command.trouble)

    def doubt(self, uow: UnitOfWork, command: DoubtPurchase) -> UUID:
        """Have a person find out what the carrier did. Its id.

        Raises:
            PurchaseMoved.
        """
        before = self._under_way(uow, command.id, command.key)
        status = MACHINE.check("doubt", before.status)
        trouble = cut(command.trouble)
        return self._save(uow, before, self.unclear, status=status, trouble=trouble).id

    def note_trouble(self, uow: UnitOfWork, command: NoteTrouble) -> UUID:
        """Show why it takes so long. Its id."""
        before = self.read(uow.db, command.id)
        trouble = cut(command.trouble)
        if before.status is ShipmentStatus.PENDING and before.trouble != trouble:
            save(uow, self.table, before, _changed(before, trouble=trouble))
        return before.id

    def resolve(self, uow: UnitOfWork, command: ResolvePurchase) -> UUID:
        """Say what became of a purchase that is not clear. Its id.

        Raises:
            InvalidTransition, TrackingNumberNeeded, InvalidText, OutOfRange, CurrencyMismatch.
        """
        before = self.read(uow.db, command.id)
        MACHINE.check("resolve", before.status)
        if not command.was_bought:
            return self._failed(uow, before, NOT_BOUGHT)
        number, cost_minor = _found_out(command, before.currency)
        return self._labelled(uow, before, None, tracking_number=number, cost_minor=cost_minor).id

    def settle_void(self, uow: UnitOfWork, command: SettleVoid) -> UUID:
        """Note whether the carrier has taken a label back. Its id."""
        before = self.read(uow.db, command.id)
        if before.status is not ShipmentStatus.VOIDING:
            return before.id
        if command.trouble is not None:
            status = MACHINE.check("keep_label", before.status)
            trouble = cut(command.trouble)
            return self._save(uow, before, self.kept, status=status, trouble=trouble).id
        status = MACHINE.check("settle_void", before.status)
        gone = {"status": status, "voided_at": uow.now, "trouble": None}
        after = self._save(uow, before, self.given_back, **gone)
        self.voided(uow, after)
        return after.id

    def _under_way(self, uow: UnitOfWork, id: UUID, key: str) -> L:
        found = self.read(uow.db, id)
        if found.status is not ShipmentStatus.PENDING or found.purchase_key != key:
            raise PurchaseMoved
        return found

    def _labelled(self, uow: UnitOfWork, before: L, drop_off_code: str | None, **bought: Any) -> L:
        after = _changed(
            before,
            status=MACHINE.check("settle", before.status),
            labelled_at=uow.now,
            called_at=None,
            trouble=None,
            **bought,
        )
        return self.labelled(uow, before, after, drop_off_code)

    def _failed(self, uow: UnitOfWork, before: L, trouble: str) -> UUID:
        said = cut(trouble)
        after = _changed(
            before,
            status=MACHINE.check("fail", before.status),
            called_at=None,
            trouble=said,
            tracking_number=None,
            cost_minor=None,
        )
        after = save(uow, self.table, before, after)
        uow.emit(self.failed(after, said.rstrip(".")), before=before, after=after)
        return after.id

    def _save(self, uow: UnitOfWork, before: L, event: Callable[[L], Event], **changes: Any) -> L:
        after = save(uow, self.table, before, _changed(before, **changes))
        uow.emit(event(after), before=before, after=after)
        return after

    def _keep_files(self, uow: UnitOfWork, command: SettlePurchase) -> None:
        """Note the files of a label that lie in the storage."""
        nobody = {"shipment_id": None, "return_label_id": None}
        files = [
            Label(
                id=uow.new_id(),
                created_at=uow.now,
                purchase_key=command.key,
                format=each.format,
                key=each.key,
                byte_size=each.byte_size,
                sha256=each.sha256,
                **{**nobody, self.files_of: command.id},
            )
            for each in command.files
        ]
        add(uow, shipping_labels, files)


def cut(trouble: str) -> str:
    """As much of what went wrong as there is room for."""
    return storable(trouble.strip() or "No reason was given")[:TROUBLE_LENGTH_MAX]


def _changed(row: L, **changes: Any) -> L:
    of: Any = row
    after: L = replace(of, **changes)
    return after


def _found_out(command: ResolvePurchase, currency: str) -> tuple[str, int | None]:
    """Number and cost of a label that somebody found to be bought.

    Raises:
        TrackingNumberNeeded, InvalidText, OutOfRange, CurrencyMismatch.
    """
    faults = Faults()
    if command.tracking_number is None:
        faults.add(TrackingNumberNeeded().at("tracking_number"))
    check_text(command.tracking_number, faults, "tracking_number", maximum=TRACKING_LENGTH_MAX)
    if command.cost is not None:
        check_range(command.cost.minor, faults, "cost", minimum=0, maximum=PRICE_MAX_MINOR)
        if command.cost.currency != currency:
            faults.add(CurrencyMismatch(command.cost.currency, currency).at("cost"))
    faults.check()
    number, cost = (command.tracking_number or "").strip(), command.cost
    return number, cost.minor if cost else None
