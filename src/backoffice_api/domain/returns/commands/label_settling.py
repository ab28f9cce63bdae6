"""What became of labels for goods that come back: each repeats without doing anything twice.

The commands are those of shipments' labels, and mean the same. With a label that was bought, the
return waits for its parcel, which is followed.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import TooMany
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.returns.commands.labels import facts_of, give_back
from backoffice_api.domain.returns.commands.shipping import AWAITED, add_parcel
from backoffice_api.domain.returns.commands.writing import opened
from backoffice_api.domain.returns.model.labels import (
    ReturnLabel,
    ReturnLabelBought,
    ReturnLabelCalled,
    ReturnLabelFailed,
    ReturnLabelKept,
    ReturnLabelUnclear,
    ReturnLabelVoided,
)
from backoffice_api.domain.returns.model.shipments import NumberOfAnother
from backoffice_api.domain.returns.queries import labels as queries
from backoffice_api.domain.returns.queries.shipments import shipments_by_ids
from backoffice_api.domain.returns.tables.labels import return_labels
from backoffice_api.domain.shipping import queries as shipping
from backoffice_api.domain.shipping.commands.settling import (
    NOT_BOUGHT,
    BeginPurchase,
    DoubtPurchase,
    FailPurchase,
    NoteTrouble,
    ResolvePurchase,
    SettlePurchase,
    SettleVoid,
    cut,
    found_out,
    keep_files,
)
from backoffice_api.domain.shipping.model.shipments import (
    MACHINE,
    WITH_LABEL,
    PurchaseMoved,
    ShipmentStatus,
    Turn,
)
from backoffice_api.domain.tracking.commands.recording import NoteTracking, note_tracking
from backoffice_api.domain.tracking.model.states import (
    ResponsibleParty,
    TrackingCause,
    TrackingState,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveReturnLabel(ResolvePurchase):
    """What a person found out. Without a number: nothing was bought."""

    scope = Scope.SHIPPING_WRITE
    table = return_labels


def begin_purchase(uow: UnitOfWork, command: BeginPurchase) -> Turn:
    """Note that the carrier is about to be called, if it may be. Of two who ask, one may.

    Raises:
        UnknownReturnLabel, PurchaseMoved.
    """
    before = _under_way(uow, command.id, command.key)
    turn = before.turn(uow.now)
    if turn is not Turn.BUSY:
        after = save(uow, return_labels, before, replace(before, called_at=uow.now, trouble=None))
        uow.emit(ReturnLabelCalled(*facts_of(after)), before=before, after=after)
    return turn


def settle_purchase(uow: UnitOfWork, command: SettlePurchase) -> UUID:
    """Note the label that was bought; the return waits for its parcel. Its id.

    Raises:
        UnknownReturnLabel, PurchaseMoved.
    """
    before = queries.label(uow.db, command.id)
    if before.purchase_key == command.key and before.status in WITH_LABEL:
        return before.id
    before = _under_way(uow, command.id, command.key)
    keep_files(uow, command, return_label_id=before.id)
    bought = replace(
        before,
        tracking_number=command.tracking_number,
        carrier_reference=command.reference,
        cost_minor=command.cost_minor,
        drop_off_code=command.drop_off_code,
    )
    return _labelled(uow, before, bought).id


def fail_purchase(uow: UnitOfWork, command: FailPurchase) -> UUID:
    """Note that nothing was bought. Its id.

    Raises:
        UnknownReturnLabel, PurchaseMoved.
    """
    return _failed(uow, _under_way(uow, command.id, command.key), command.trouble).id


def doubt_purchase(uow: UnitOfWork, command: DoubtPurchase) -> UUID:
    """Have a person find out what the carrier did. Its id.

    Raises:
        UnknownReturnLabel, PurchaseMoved.
    """
    before = _under_way(uow, command.id, command.key)
    status = MACHINE.check("doubt", before.status)
    after = replace(before, status=status, trouble=cut(command.trouble))
    after = save(uow, return_labels, before, after)
    uow.emit(ReturnLabelUnclear(*facts_of(after)), before=before, after=after)
    return after.id


def note_trouble(uow: UnitOfWork, command: NoteTrouble) -> UUID:
    """Show on the label why it takes so long. Its id. Raises: UnknownReturnLabel."""
    before = queries.label(uow.db, command.id)
    trouble = cut(command.trouble)
    if before.status is ShipmentStatus.PENDING and before.trouble != trouble:
        save(uow, return_labels, before, replace(before, trouble=trouble))
    return before.id


def resolve_purchase(uow: UnitOfWork, command: ResolveReturnLabel) -> UUID:
    """Say what became of a purchase that is not clear. Its id.

    Raises:
        UnknownReturnLabel, InvalidTransition.
        TrackingNumberNeeded, InvalidText, OutOfRange, CurrencyMismatch.
    """
    before = queries.label(uow.db, command.id)
    MACHINE.check("resolve", before.status)
    if not command.was_bought:
        return _failed(uow, before, NOT_BOUGHT).id
    number, cost_minor = found_out(command, before.currency)
    bought = replace(before, tracking_number=number, cost_minor=cost_minor)
    return _labelled(uow, before, bought).id


def settle_void(uow: UnitOfWork, command: SettleVoid) -> UUID:
    """Note whether the carrier has taken a label back. Its id. Raises: UnknownReturnLabel."""
    before = queries.label(uow.db, command.id)
    if before.status is not ShipmentStatus.VOIDING:
        return before.id
    if command.trouble is not None:
        status = MACHINE.check("keep_label", before.status)
        after = replace(before, status=status, trouble=cut(command.trouble))
        after = save(uow, return_labels, before, after)
        uow.emit(ReturnLabelKept(*facts_of(after)), before=before, after=after)
        return after.id
    status = MACHINE.check("settle_void", before.status)
    after = replace(before, status=status, voided_at=uow.now, trouble=None)
    after = save(uow, return_labels, before, after)
    uow.emit(ReturnLabelVoided(*facts_of(after), after.order_id), before=before, after=after)
    _drop_parcel(uow, after)
    return after.id


def _drop_parcel(uow: UnitOfWork, label: ReturnLabel) -> None:
    """Nothing will travel under the number of a label that was given back."""
    if label.return_shipment_id is None:
        return
    parcel = shipments_by_ids(uow.db, [label.return_shipment_id])[label.return_shipment_id]
    note = NoteTracking(
        id=parcel.tracking_id,
        state=TrackingState.CANCELLED,
        cause=TrackingCause.SHIPPER_REQUEST,
        party=ResponsibleParty.SHIPPER,
        text="The label was given back.",
    )
    note_tracking(uow, note)


def _under_way(uow: UnitOfWork, id: UUID, key: str) -> ReturnLabel:
    found = queries.label(uow.db, id)
    if found.status is not ShipmentStatus.PENDING or found.purchase_key != key:
        raise PurchaseMoved
    return found


def _labelled(uow: UnitOfWork, before: ReturnLabel, bought: ReturnLabel) -> ReturnLabel:
    """Follow the parcel; where the return waits for nothing any more, the label goes back."""
    of = opened(uow, before.return_id)
    waits = of.before.status in AWAITED
    parcel_id = None
    number = bought.tracking_number or ""
    if waits:
        carrier = shipping.carrier(uow.db, before.carrier_id)
        try:
            parcel_id = add_parcel(uow, of, carrier.code, number, bought.drop_off_code, "").id
        except (NumberOfAnother, TooMany):
            # A carrier that gives a number twice has no say, and the money is spent: the label is
            # there all the same.
            parcel_id = None
    after = replace(
        bought,
        status=MACHINE.check("settle", before.status),
        labelled_at=uow.now,
        called_at=None,
        trouble=None,
        return_shipment_id=parcel_id,
    )
    after = save(uow, return_labels, before, after)
    event = ReturnLabelBought(*facts_of(after), after.order_id, number)
    uow.emit(event, before=before, after=after)
    return after if waits else give_back(uow, after)


def _failed(uow: UnitOfWork, before: ReturnLabel, trouble: str) -> ReturnLabel:
    after = replace(
        before,
        status=MACHINE.check("fail", before.status),
        called_at=None,
        trouble=cut(trouble),
        tracking_number=None,
        cost_minor=None,
    )
    after = save(uow, return_labels, before, after)
    event = ReturnLabelFailed(*facts_of(after), cut(trouble).rstrip("."))
    uow.emit(event, before=before, after=after)
    return after
