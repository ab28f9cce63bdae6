"""What can be done with disputes, and what banks tell of them."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.commands.settling import hold_for_dispute, release_disputed
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.orders.queries import locked_order
from backoffice_api.domain.orders.queries.related import related, sources
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands.writing import (
    Posting,
    book,
    check_amount,
    locked,
    write,
)
from backoffice_api.domain.payments.model.disputes import (
    EVIDENCE_LENGTH_MAX,
    MACHINE,
    REASON_LENGTH_MAX,
    TAKING,
    Dispute,
    DisputeStatus,
)
from backoffice_api.domain.payments.model.events import (
    DisputeClosed,
    DisputeOpened,
    DisputeResponded,
    DisputeUpdated,
)
from backoffice_api.domain.payments.model.gateways import DisputeNews, GatewayDispute
from backoffice_api.domain.payments.model.payments import AmountExceeded, Payment
from backoffice_api.domain.payments.model.transactions import TransactionKind
from backoffice_api.domain.payments.tables import disputes

_OPEN = frozenset({DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW})
_ACTIONS = {
    DisputeNews.UNDER_REVIEW: "respond",
    DisputeNews.WON: "win",
    DisputeNews.LOST: "lose",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDispute(Command):
    """A dispute that no gateway tells of. `amount` None: all that was paid and not paid back."""

    scope = Scope.PAYMENTS_WRITE
    measures = False
    payment_id: UUID
    amount: Money | None = None
    reason: str = ""
    respond_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDispute(Command):
    """`evidence`: what is held against it, gathered for the answer."""

    scope = Scope.PAYMENTS_WRITE
    measures = False
    table = disputes
    id: UUID
    evidence: str | Keep = KEEP
    respond_by: datetime | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class RespondToDispute(Command):
    scope = Scope.PAYMENTS_WRITE
    measures = False
    table = disputes
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptDispute(Command):
    scope = Scope.PAYMENTS_WRITE
    table = disputes
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveDispute(Command):
    """How the bank decided."""

    scope = Scope.PAYMENTS_WRITE
    table = disputes
    id: UUID
    is_won: bool


def create_dispute(uow: UnitOfWork, command: CreateDispute) -> UUID:
    """Note that a buyer disputes a payment. Id of the dispute.

    Raises:
        UnknownPayment.
        AmountExceeded: less was paid, or is left of it.
        CurrencyMismatch, AmountNotPositive, InvalidText: the input is wrong.
    """
    order, payment = locked(uow, command.payment_id)
    faults = Faults()
    check_text(command.reason, faults, "reason", minimum=0, maximum=REASON_LENGTH_MAX)
    faults.check()
    left = payment.captured - payment.charged_back
    amount = payment.refundable if command.amount is None else command.amount
    check_amount(amount, order, "amount")
    if amount > left:
        raise AmountExceeded(left).at("amount")
    id = uow.new_id()
    made = _new(uow, id, payment, ids.text("dsp", id), amount)
    made = replace(made, reason=command.reason, respond_by=command.respond_by)
    _add(uow, order, made)
    return made.id


def update_dispute(uow: UnitOfWork, command: UpdateDispute) -> UUID:
    """Change what is given of an open dispute; what is absent stays. Its id.

    Raises:
        UnknownDispute, InvalidTransition, InvalidText.
    """
    before = queries.dispute(uow.db, command.id)
    MACHINE.check("update", before.status)
    after = replace(
        before,
        evidence=patched(command.evidence, before.evidence),
        respond_by=patched(command.respond_by, before.respond_by),
    )
    faults = Faults()
    check_text(after.evidence, faults, "evidence", minimum=0, maximum=EVIDENCE_LENGTH_MAX)
    faults.check()
    after = save(uow, disputes, before, after)
    # What is held against a buyer is about that buyer, and the log is kept for ever.
    shown = replace(before, evidence=""), replace(after, evidence="")
    event = DisputeUpdated(after.id, after.version, after.order_id)
    uow.emit(event, before=shown[0], after=shown[1])
    return after.id


def respond_to_dispute(uow: UnitOfWork, command: RespondToDispute) -> UUID:
    """Note that the evidence was handed in. Id of the dispute.

    Raises:
        UnknownDispute, InvalidTransition.
    """
    order, before = _locked(uow, command.id)
    _move(uow, order, before, "respond")
    return before.id


def accept_dispute(uow: UnitOfWork, command: AcceptDispute) -> UUID:
    """Let the money go back. Id of the dispute.

    Raises:
        UnknownDispute, InvalidTransition.
    """
    order, before = _locked(uow, command.id)
    _move(uow, order, before, "accept")
    return before.id


def resolve_dispute(uow: UnitOfWork, command: ResolveDispute) -> UUID:
    """Note how the bank decided: what is lost is taken off the payment. Id of the dispute.

    Raises:
        UnknownDispute, InvalidTransition.
    """
    order, before = _locked(uow, command.id)
    _move(uow, order, before, "win" if command.is_won else "lose")
    return before.id


def apply_dispute(uow: UnitOfWork, order: Order, payment: Payment, told: GatewayDispute) -> None:
    """Take over what a provider tells of a dispute: in any order, any number of times."""
    dispute = queries.dispute_at(uow.db, payment.provider, told.reference)
    if dispute is None:
        amount = Money(told.amount_minor, told.currency)
        made = replace(
            _new(uow, uow.new_id(), payment, told.reference, amount),
            reason=told.reason[:REASON_LENGTH_MAX],
            respond_by=told.respond_by,
        )
        order, dispute = _add(uow, order, made), made
    action = _ACTIONS.get(told.news)
    # What is told late of a dispute that is further on changes nothing.
    if action is not None and dispute.status in MACHINE.moves[action].present:
        _move(uow, order, dispute, action)


def _new(uow: UnitOfWork, id: UUID, payment: Payment, reference: str, amount: Money) -> Dispute:
    return Dispute(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        payment_id=payment.id,
        order_id=payment.order_id,
        provider=payment.provider,
        provider_reference=reference,
        status=MACHINE.start,
        currency=amount.currency,
        amount_minor=amount.minor,
        reason="",
        evidence="",
        respond_by=None,
        closed_at=None,
    )


def _add(uow: UnitOfWork, order: Order, made: Dispute) -> Order:
    """Note a dispute; what is left of the order waits. The order as it is now."""
    add(uow, disputes, [made])
    event = DisputeOpened(
        id=made.id,
        version=made.version,
        order_id=order.id,
        order=order.name,
        payment_id=made.payment_id,
        amount=str(made.amount),
        reason=made.reason,
    )
    uow.emit(event, after=made)
    return hold_for_dispute(uow, order)


def _move(uow: UnitOfWork, order: Order, before: Dispute, action: str) -> Dispute:
    """The only place that changes the status of a dispute. An outcome moves the money.

    Once all disputes of an order are won, it goes on; one that is lost has somebody decide.

    Raises:
        InvalidTransition.
    """
    status = MACHINE.check(action, before.status)
    closed_at = None if status in _OPEN else uow.now
    after = save(uow, disputes, before, replace(before, status=status, closed_at=closed_at))
    if status in _OPEN:
        event = DisputeResponded(after.id, after.version, order.id)
        uow.emit(event, before=before, after=after)
        return after
    closed = DisputeClosed(
        id=after.id,
        version=after.version,
        order_id=order.id,
        order=order.name,
        payment_id=after.payment_id,
        outcome=status,
        amount=str(after.amount),
    )
    uow.emit(closed, before=before, after=after)
    if status in TAKING:
        _take(uow, order, after)
    elif all(
        each.status is status for each in queries.disputes_by_orders(uow.db, [order.id])[order.id]
    ):
        _let_go(uow, order)
    return after


def _let_go(uow: UnitOfWork, order: Order) -> None:
    """Let an order go on whose disputes are won, and those to which its hold was taken along.

    None of them while another dispute is open, or was not won, that it may be held for.
    """
    family = related(uow.db, order.id)
    found = queries.disputes_by_orders(uow.db, family)
    not_won = {
        id for id, of in found.items() if any(each.status is not DisputeStatus.WON for each in of)
    }
    for id in sorted(family):
        if not not_won & sources(family, id):
            release_disputed(uow, order if id == order.id else locked_order(uow.db, id))


def _take(uow: UnitOfWork, order: Order, dispute: Dispute) -> None:
    """Post what the bank took, at most what was paid."""
    payment = queries.payment(uow.db, dispute.payment_id)
    left = payment.captured_minor - payment.charged_back_minor
    amount = min(dispute.amount_minor, left)
    if amount:
        reference = f"{dispute.provider_reference}:chargeback"
        posting = Posting(TransactionKind.CHARGEBACK, amount, reference, dispute_id=dispute.id)
        write(uow, payment, payment, [posting])
        book(uow, order)


def _locked(uow: UnitOfWork, dispute_id: UUID) -> tuple[Order, Dispute]:
    """Raises: UnknownDispute."""
    payment_id = queries.dispute(uow.db, dispute_id).payment_id
    order, _ = locked(uow, payment_id)
    return order, queries.dispute(uow.db, dispute_id)
