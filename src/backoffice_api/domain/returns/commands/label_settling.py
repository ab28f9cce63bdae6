"""Labels for goods that come back: what is told of them, and what follows.

They are bought as labels of shipments are. With one that was bought, the return waits for its
parcel, which is followed.
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
from backoffice_api.domain.shipping.commands.purchases import Purchases, ResolvePurchase
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


def resolve_purchase(uow: UnitOfWork, command: ResolveReturnLabel) -> UUID:
    """Say what became of a purchase that is not clear. Its id.

    Raises:
        UnknownReturnLabel, InvalidTransition.
        TrackingNumberNeeded, InvalidText, OutOfRange, CurrencyMismatch.
    """
    return OF_RETURNS.resolve(uow, command)


def _labelled(
    uow: UnitOfWork, before: ReturnLabel, bought: ReturnLabel, drop_off_code: str | None
) -> ReturnLabel:
    """Follow the parcel; where the return waits for nothing any more, the label goes back."""
    of = opened(uow, before.return_id)
    waits = of.before.status in AWAITED
    parcel_id = None
    number = bought.tracking_number or ""
    if waits:
        carrier = shipping.carrier(uow.db, before.carrier_id)
        try:
            parcel_id = add_parcel(uow, of, carrier.code, number, drop_off_code, "").id
        except (NumberOfAnother, TooMany):
            # A carrier that gives a number twice has no say, and the money is spent: the label is
            # there all the same.
            parcel_id = None
    bought = replace(bought, drop_off_code=drop_off_code, return_shipment_id=parcel_id)
    after = save(uow, return_labels, before, bought)
    event = ReturnLabelBought(*facts_of(after), after.order_id, number)
    uow.emit(event, before=before, after=after)
    return after if waits else give_back(uow, after)


def _voided(uow: UnitOfWork, label: ReturnLabel) -> None:
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


OF_RETURNS: Purchases[ReturnLabel] = Purchases(
    table=return_labels,
    read=queries.label,
    files_of="return_label_id",
    called=lambda of: ReturnLabelCalled(*facts_of(of)),
    failed=lambda of, trouble: ReturnLabelFailed(*facts_of(of), trouble),
    unclear=lambda of: ReturnLabelUnclear(*facts_of(of)),
    kept=lambda of: ReturnLabelKept(*facts_of(of)),
    given_back=lambda of: ReturnLabelVoided(*facts_of(of), of.order_id),
    labelled=_labelled,
    voided=_voided,
)
