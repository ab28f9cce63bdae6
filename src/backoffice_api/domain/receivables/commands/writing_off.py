"""Giving up what is owed: asked for by one, agreed to by another, then posted."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.approvals.commands.asking import ask
from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.approvals.model.events import (
    ApprovalDeclined,
    ApprovalGranted,
    ApprovalWithdrawn,
)
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.commands.posting import post
from backoffice_api.domain.ledger.model.accounts import AccountRole
from backoffice_api.domain.ledger.model.entries import Dimensions, EntryDraft, PostingDraft
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.payments.model.payments import AmountNotPositive
from backoffice_api.domain.receivables import queries
from backoffice_api.domain.receivables.commands.writing import locked, tell_lost
from backoffice_api.domain.receivables.model.events import (
    ReceivableChanged,
    WriteOffAsked,
    WriteOffDeclined,
    WriteOffPosted,
)
from backoffice_api.domain.receivables.model.receivables import (
    MACHINE,
    NOTE_LENGTH_MAX,
    Receivable,
    ReceivableKind,
    SettledBeyondOpen,
    SettledByPayout,
    with_sums,
)
from backoffice_api.domain.receivables.model.write_offs import MACHINE as LIFE
from backoffice_api.domain.receivables.model.write_offs import (
    WriteOff,
    WriteOffPending,
    WriteOffReason,
    WriteOffStatus,
)
from backoffice_api.domain.receivables.tables import receivables, write_offs


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffReceivable(Command):
    """`amount` None: all that is open."""

    scope = Scope.RECEIVABLES_WRITE
    measures = True
    table = receivables
    id: UUID
    reason: WriteOffReason
    amount: Money | None = None
    note: str = ""


def write_off_receivable(uow: UnitOfWork, command: WriteOffReceivable) -> UUID:
    """Ask for giving up what is owed. Id of the write-off.

    It is done once another person agrees; at once only where a rule says that so little needs no
    approval.

    Raises:
        UnknownReceivable, InvalidTransition, WriteOffPending.
        SettledByPayout: a provider owes it.
        SettledBeyondOpen: less is open.
        CurrencyMismatch, AmountNotPositive, InvalidText: the input is wrong.
    """
    order, before = locked(uow, command.id)
    MACHINE.check("write_off", before.state)
    if before.kind is ReceivableKind.PAYOUT:
        raise SettledByPayout
    if queries.pending_write_off(uow.db, before.id):
        raise WriteOffPending
    amount = _amount(before, command)
    uow.check_amount(Scope.RECEIVABLES_WRITE, amount)
    actor = uow.caller.actor
    made = WriteOff(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        receivable_id=before.id,
        status=LIFE.start,
        reason=command.reason,
        note=command.note,
        currency=before.currency,
        amount_minor=amount.minor,
        created_by_kind=actor.kind.value,
        created_by_id=actor.id,
    )
    add(uow, write_offs, [made])
    event = WriteOffAsked(made.id, made.version, before.id, str(amount))
    uow.emit(event, after=made)
    label = f"Write-off of order {order.name}"
    kind = ApprovalKind.WRITE_OFF
    asked = ask(uow, kind, made.id, amount, label, channel_id=order.channel_id)
    if asked is None:
        _post(uow, order, before, made)
    return made.id


def on_approval_granted(uow: UnitOfWork, event: ApprovalGranted) -> None:
    """Another person agreed: what is still open of it is given up."""
    if event.kind is not ApprovalKind.WRITE_OFF:
        return
    found = queries.write_off(uow.db, event.subject_id)
    order, receivable = locked(uow, found.receivable_id)
    present = queries.write_off(uow.db, event.subject_id)
    if present.status is not WriteOffStatus.PENDING_APPROVAL:
        return
    if receivable.open_minor:
        _post(uow, order, receivable, present)
    else:  # it was paid, or called off, while somebody thought about it
        _decline(uow, present)


def on_approval_declined(uow: UnitOfWork, event: ApprovalDeclined | ApprovalWithdrawn) -> None:
    """Another person refused, or whoever asked took it back: it is owed as before."""
    if event.kind is not ApprovalKind.WRITE_OFF:
        return
    found = queries.write_off(uow.db, event.subject_id)
    if found.status is WriteOffStatus.PENDING_APPROVAL:
        _decline(uow, found)


def _amount(before: Receivable, command: WriteOffReceivable) -> Money:
    """Raises: CurrencyMismatch, AmountNotPositive, SettledBeyondOpen, InvalidText."""
    faults = Faults()
    check_text(command.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    faults.check()
    amount = before.open if command.amount is None else command.amount
    if amount.currency != before.currency:
        raise CurrencyMismatch(before.currency, amount.currency).at("amount")
    if amount.minor <= 0:
        raise AmountNotPositive().at("amount")
    if amount > before.open:
        raise SettledBeyondOpen(before.open).at("amount")
    return amount


def _post(uow: UnitOfWork, order: Order, before: Receivable, present: WriteOff) -> None:
    minor = min(present.amount_minor, before.open_minor)
    after = save(uow, receivables, before, with_sums(before, uow.now.date(), written_off=minor))
    changed = ReceivableChanged(after.id, after.version, after.order_id, str(after.open))
    uow.emit(changed, before=before, after=after)
    done = save(
        uow,
        write_offs,
        present,
        replace(present, status=LIFE.check("post", present.status), amount_minor=minor),
    )
    amount = done.amount
    draft = EntryDraft(
        source=f"write_off:{done.id.hex}",
        booked_on=uow.now.date(),
        description=f"Order {order.name} written off",
        postings=[
            PostingDraft(
                debit=AccountRole.WRITE_OFFS,
                credit=AccountRole.RECEIVABLES,
                amount=amount,
                dimensions=Dimensions(channel_id=order.channel_id),
            )
        ],
        subject=("wof", done.id),
    )
    post(uow, draft)
    event = WriteOffPosted(done.id, done.version, after.id, str(amount))
    uow.emit(event, before=present, after=done)
    tell_lost(uow, {order.id})


def _decline(uow: UnitOfWork, before: WriteOff) -> None:
    status = LIFE.check("decline", before.status)
    after = save(uow, write_offs, before, replace(before, status=status))
    event = WriteOffDeclined(after.id, after.version, after.receivable_id, str(after.amount))
    uow.emit(event, before=before, after=after)
