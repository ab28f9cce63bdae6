"""What gateways tell becomes what our books say: answers to what they were asked, and news.

Providers tell whole states; what is missing of one here is added, once, under a name that follows
from the state. So it does not matter who tells it first, how often, or in which order (ADR 0025).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.kernel import ids, inbox
from backoffice_api.domain.kernel.errors import Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.payments import queries
from backoffice_api.domain.payments.commands import paying_back
from backoffice_api.domain.payments.commands.disputing import apply_dispute
from backoffice_api.domain.payments.commands.moving import told_of
from backoffice_api.domain.payments.commands.writing import Posting, book, locked, tell, write
from backoffice_api.domain.payments.model.events import (
    PaymentActionRequired,
    PaymentExpired,
    PaymentFailed,
    PaymentVoided,
)
from backoffice_api.domain.payments.model.gateways import (
    GatewayDispute,
    GatewayNews,
    GatewayRefund,
    GatewayState,
    GatewayStatus,
    Operation,
    OperationKind,
    OperationStatus,
)
from backoffice_api.domain.payments.model.payments import (
    AUTHORIZED_FIRST,
    FAILURE_LENGTH_MAX,
    MACHINE,
    URL_LENGTH_MAX,
    IntentStatus,
    Payment,
)
from backoffice_api.domain.payments.model.refunds import Refund, RefundReturned, RefundStatus
from backoffice_api.domain.payments.model.transactions import TransactionKind
from backoffice_api.domain.payments.tables import operations

_NOTHING_YET = frozenset({IntentStatus.PENDING, IntentStatus.REQUIRES_ACTION})


@dataclass(eq=False)
class OtherCurrency(Refused):
    """A provider tells of another currency than the payment is in: somebody must look at it."""

    expected: str
    told: str
    message = "The payment is in {expected}, and the provider tells of {told}."


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginOperation(Command):
    """Run by the worker right before it asks: from then on the gateway may know of it."""

    scope = Scope.PAYMENTS_WRITE
    operation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleOperation(Command):
    """Run by the worker with the answer to what it asked."""

    scope = Scope.PAYMENTS_WRITE
    operation_id: UUID
    answer: GatewayState | GatewayRefund


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyNews(Command):
    """Run by the worker with what a signed message tells. `news` None: nothing that we know of."""

    scope = Scope.PAYMENTS_WRITE
    inbox_id: UUID
    provider: str
    news: GatewayNews | None


def begin_operation(uow: UnitOfWork, command: BeginOperation) -> None:
    """Count one more attempt to ask."""
    uow.db.execute(
        update(operations)
        .where(operations.c.id == command.operation_id)
        .values(attempts=operations.c.attempts + 1, updated_at=uow.now)
    )


def settle_operation(uow: UnitOfWork, command: SettleOperation) -> UUID:
    """Take over the answer to what a gateway was asked; again, and nothing changes. Its payment.

    Raises:
        OtherCurrency: the answer cannot be about this payment.
    """
    known = queries.operations_by_ids(uow.db, [command.operation_id])[command.operation_id]
    order, payment = locked(uow, known.payment_id)
    operation = queries.operations_by_ids(uow.db, [known.id])[known.id]
    if operation.status is not OperationStatus.PENDING:
        return payment.id
    match command.answer:
        case GatewayRefund() as told:
            _close(uow, operation, succeeded=told.succeeded is not False)
            apply_refund(uow, order, payment, told, operation)
        case GatewayState() as state:
            succeeded = _is_done(operation, payment, state)
            _close(uow, operation, succeeded=succeeded)
            apply_state(uow, order, payment, state, None if succeeded else operation)
    return payment.id


def apply_news(uow: UnitOfWork, command: ApplyNews) -> None:
    """Take over what a message tells, and note what became of it; again, and nothing changes.

    What is about no payment of ours, or of a kind that nobody knows, is kept and flagged.

    Raises:
        OtherCurrency, AmountExceeded, RefundReturned: it contradicts our books; the message stays
            to be looked at.
    """
    payment_id = _payment_of(uow, command.provider, command.news)
    if command.news is None or payment_id is None:
        inbox.end(uow, command.inbox_id, inbox.InboxStatus.UNKNOWN)
        return
    order, payment = locked(uow, payment_id)
    match command.news:
        case GatewayState() as state:
            apply_state(uow, order, payment, state, None)
        case GatewayRefund() as told:
            apply_refund(uow, order, payment, told, _asked(uow, payment, told.key))
        case GatewayDispute() as told:
            _check_currency(payment, told.currency)
            apply_dispute(uow, order, payment, told)
    inbox.end(uow, command.inbox_id, inbox.InboxStatus.HANDLED)


def apply_state(
    uow: UnitOfWork,
    order: Order,
    before: Payment,
    state: GatewayState,
    refused: Operation | None,
) -> Payment:
    """Add to a payment what is missing of the provider's state. `refused`: what it did not do."""
    _check_currency(before, state.currency)
    postings = _missing(before, state)
    after = _facts(uow, before, state, refused)
    if not postings and after == before:
        return before
    after = write(uow, before, after, postings)
    events = _events(order, before, after, postings, refused)
    tell(uow, events, before, after)
    book(uow, order)
    return after


def apply_refund(
    uow: UnitOfWork,
    order: Order,
    payment: Payment,
    told: GatewayRefund,
    operation: Operation | None,
) -> None:
    """Take over what a provider tells of a refund. One that we did not ask for is noted, too.

    Raises:
        RefundReturned: it was paid back, and the money has come back since.
    """
    _check_currency(payment, told.currency)
    refund = _refund_of(uow, payment, told, operation)
    if refund is None:
        if told.succeeded:
            amount = payment.money(told.amount_minor)
            paying_back.note_foreign(uow, order, payment, amount, told.reference)
            book(uow, order)
        return
    if _came_back(refund, told):
        raise RefundReturned(refund.number)
    if refund.status is not RefundStatus.SUBMITTED:
        return  # told late: it is further on already
    if told.succeeded is None:
        paying_back.name(uow, refund, told.reference)
    elif told.succeeded:
        paying_back.succeed(uow, order, refund, told.reference)
    else:
        paying_back.fail(uow, refund, (told.failure or "refused")[:FAILURE_LENGTH_MAX])
    book(uow, order)


def _missing(payment: Payment, state: GatewayState) -> Sequence[Posting]:
    """What the provider knows to have moved and we do not, in the order in which it moves."""
    postings = []
    captured = max(state.captured_minor, payment.captured_minor)
    first = payment.method in AUTHORIZED_FIRST
    if first:
        # A provider may capture more than it had set aside; then that is what was set aside.
        authorized = max(
            state.authorized_minor, captured + payment.voided_minor, payment.authorized_minor
        )
        if more := authorized - payment.authorized_minor:
            reference = f"{state.reference}:authorize:{authorized}"
            postings.append(Posting(TransactionKind.AUTHORIZE, more, reference))
    if more := captured - payment.captured_minor:
        reference = f"{state.reference}:capture:{captured}"
        postings.append(Posting(TransactionKind.CAPTURE, more, reference))
    if first and state.status is GatewayStatus.CANCELLED:
        rest = authorized - captured - payment.voided_minor
        if rest:
            postings.append(Posting(TransactionKind.VOID, rest, f"{state.reference}:void:{rest}"))
    return postings


def _facts(
    uow: UnitOfWork, before: Payment, state: GatewayState, refused: Operation | None
) -> Payment:
    """The payment with what else the provider tells, and with the status that it tells."""
    card = state.card
    after = replace(
        before,
        provider_reference=before.provider_reference or state.reference,
        action_url=_action_url(state),
        card_brand=card.brand if card else before.card_brand,
        card_last_four=card.last_four if card else before.card_last_four,
        card_expires=card.expires if card else before.card_expires,
        status=_told_status(uow, before, state),
    )
    if queries.open_operation(uow.db, before.id) is None:
        after = replace(after, pending_operation=None)
    if state.failure or refused:
        failure = state.failure or "refused"
        after = replace(after, failure=failure[:FAILURE_LENGTH_MAX])
    return after


def _action_url(state: GatewayState) -> str | None:
    """Where the buyer confirms it, while that is wanted."""
    url = state.action_url
    is_wanted = state.status is GatewayStatus.REQUIRES_ACTION
    return url if is_wanted and url and len(url) <= URL_LENGTH_MAX else None


def _told_status(uow: UnitOfWork, payment: Payment, state: GatewayState) -> IntentStatus:
    """The status that the provider tells, where no sums do."""
    if state.status is GatewayStatus.CANCELLED and not state.captured_minor:
        action = "void"
        if payment.expires_at is not None and payment.expires_at <= uow.now:
            action = "expire"
        is_open = payment.status in MACHINE.moves[action].present and not payment.captured_minor
        return MACHINE.check(action, payment.status) if is_open else payment.status
    if payment.status not in _NOTHING_YET or state.authorized_minor or state.captured_minor:
        return payment.status
    match state.status:
        case GatewayStatus.FAILED:
            return MACHINE.check("fail", payment.status)
        case GatewayStatus.REQUIRES_ACTION if payment.status is IntentStatus.PENDING:
            return MACHINE.check("require_action", payment.status)
    return payment.status


def _events(
    order: Order,
    before: Payment,
    after: Payment,
    postings: Sequence[Posting],
    refused: Operation | None,
) -> Sequence[Event]:
    events = list(told_of(order, after, postings))
    names = after.id, after.version, order.id, order.name
    if refused is not None:
        events.append(PaymentFailed(*names, refused.kind.value))
    if after.status is before.status:
        if any(each.kind is TransactionKind.VOID for each in postings):
            events.append(PaymentVoided(*names))
        return events
    match after.status:
        case IntentStatus.REQUIRES_ACTION:
            events.append(PaymentActionRequired(*names, str(after.amount)))
        case IntentStatus.VOIDED:
            events.append(PaymentVoided(*names))
        case IntentStatus.EXPIRED:
            events.append(PaymentExpired(*names))
        case IntentStatus.FAILED if refused is None:
            events.append(PaymentFailed(*names, OperationKind.AUTHORIZE.value))
    return events


def _is_done(operation: Operation, payment: Payment, state: GatewayState) -> bool:
    """Whether the provider did what it was asked."""
    match operation.kind:
        case OperationKind.CAPTURE:
            return max(state.captured_minor, payment.captured_minor) >= operation.target_minor
        case OperationKind.VOID:
            return state.status is GatewayStatus.CANCELLED
        case _:
            return state.status is not GatewayStatus.FAILED


def _close(uow: UnitOfWork, operation: Operation, *, succeeded: bool) -> None:
    status = OperationStatus.SUCCEEDED if succeeded else OperationStatus.FAILED
    uow.db.execute(
        update(operations)
        .where(operations.c.id == operation.id)
        .values(status=status, token=None, updated_at=uow.now)
    )


def _payment_of(uow: UnitOfWork, provider: str, news: GatewayNews | None) -> UUID | None:
    """The payment that news are about. None: none of ours."""
    reference: str | None
    match news:
        case None:
            return None
        case GatewayState():
            parts, reference = ids.split(news.key), news.reference
            if parts and parts[0] == "pay":
                found = queries.payments_by_ids(uow.db, [parts[1]]).get(parts[1])
                if found and found.provider == provider:
                    return found.id
        case _:
            reference = news.payment_reference
    if reference is None:
        return None
    known = queries.payment_at(uow.db, provider, reference)
    return known.id if known else None


def _asked(uow: UnitOfWork, payment: Payment, key: str | None) -> Operation | None:
    """What we asked under this key, of this payment."""
    try:
        id = UUID(key or "")
    except ValueError:
        return None
    operation = queries.operations_by_ids(uow.db, [id]).get(id)
    return operation if operation and operation.payment_id == payment.id else None


def _refund_of(
    uow: UnitOfWork, payment: Payment, told: GatewayRefund, operation: Operation | None
) -> Refund | None:
    if operation is not None and operation.refund_id is not None:
        return queries.refund(uow.db, operation.refund_id)
    return queries.refund_at(uow.db, payment.id, told.reference)


def _came_back(refund: Refund, told: GatewayRefund) -> bool:
    """Whether the very refund there that was paid back is told of as failed."""
    return (
        refund.status is RefundStatus.SUCCEEDED
        and told.succeeded is False
        and told.reference == refund.provider_reference
    )


def _check_currency(payment: Payment, told: str) -> None:
    if told != payment.currency:
        raise OtherCurrency(payment.currency, told)
