"""Customers contest what they are asked for: nobody is reminded of that until it is settled."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.receivables.commands.writing import locked
from backoffice_api.domain.receivables.model.events import (
    ReceivableDisputed,
    ReceivableDisputeEnded,
)
from backoffice_api.domain.receivables.model.receivables import (
    MACHINE,
    NOTE_LENGTH_MAX,
    AlreadyDisputed,
    NotDisputed,
    ReceivableKind,
    SettledByPayout,
)
from backoffice_api.domain.receivables.tables import receivables


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeReceivable(Command):
    """`note`: what the customer says."""

    scope = Scope.RECEIVABLES_WRITE
    measures = False
    table = receivables
    id: UUID
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReceivableDispute(Command):
    scope = Scope.RECEIVABLES_WRITE
    measures = False
    table = receivables
    id: UUID


def dispute_receivable(uow: UnitOfWork, command: DisputeReceivable) -> UUID:
    """Note that the customer contests a receivable. Its id.

    Raises:
        UnknownReceivable, InvalidTransition, AlreadyDisputed, InvalidText.
        SettledByPayout: no customer owes it.
    """
    _, before = locked(uow, command.id)
    MACHINE.check("dispute", before.state)
    if before.kind is ReceivableKind.PAYOUT:
        raise SettledByPayout
    if before.is_disputed:
        raise AlreadyDisputed
    faults = Faults()
    check_text(command.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    faults.check()
    after = save(
        uow,
        receivables,
        before,
        replace(before, disputed_at=uow.now, dispute_note=command.note),
    )
    event = ReceivableDisputed(after.id, after.version, after.order_id)
    uow.emit(event, before=before, after=after)
    return after.id


def end_receivable_dispute(uow: UnitOfWork, command: EndReceivableDispute) -> UUID:
    """Note that it is not contested any more; what was noted of it stays. Its id.

    Raises:
        UnknownReceivable, InvalidTransition, NotDisputed.
    """
    _, before = locked(uow, command.id)
    MACHINE.check("end_dispute", before.state)
    if not before.is_disputed:
        raise NotDisputed
    after = save(uow, receivables, before, replace(before, disputed_at=None))
    event = ReceivableDisputeEnded(after.id, after.version, after.order_id)
    uow.emit(event, before=before, after=after)
    return after.id
