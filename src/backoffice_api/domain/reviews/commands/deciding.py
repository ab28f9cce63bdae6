"""Deciding: a person looks, and says whether an order may go on. Later it turns out."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.identity.model.staff import UnknownStaff
from backoffice_api.domain.identity.queries.staff import staff_by_ids
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.commands.cancelling import CancelOrder, cancel_order
from backoffice_api.domain.orders.model.orders import (
    SENT,
    UNFINISHED,
    CancelReason,
    Order,
)
from backoffice_api.domain.payments.model.disputes import TAKING
from backoffice_api.domain.payments.model.events import DisputeClosed
from backoffice_api.domain.reviews import queries
from backoffice_api.domain.reviews.commands.assessing import let_go
from backoffice_api.domain.reviews.model.reviews import (
    MACHINE,
    NOTE_LENGTH_MAX,
    OrderUnderWay,
    Review,
    ReviewAssigned,
    ReviewDecided,
    ReviewNoted,
    ReviewOutcome,
    ReviewOutcomeRecorded,
    UnknownReview,
)
from backoffice_api.domain.reviews.tables import reviews


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptReview(Command):
    scope = Scope.ORDERS_REVIEW
    table = reviews
    id: UUID
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectReview(Command):
    """`cancel`: call the order off, too. Else its hold stays on it."""

    scope = Scope.ORDERS_REVIEW
    table = reviews
    id: UUID
    cancel: bool
    reason: CancelReason = CancelReason.FRAUD
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignReview(Command):
    """`assignee_id` None: nobody in particular."""

    scope = Scope.ORDERS_REVIEW
    table = reviews
    id: UUID
    assignee_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteReview(Command):
    scope = Scope.ORDERS_REVIEW
    table = reviews
    id: UUID
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReviewOutcome(Command):
    scope = Scope.ORDERS_REVIEW
    table = reviews
    id: UUID
    outcome: ReviewOutcome


def accept_review(uow: UnitOfWork, command: AcceptReview) -> UUID:
    """Let the order go on: the hold of the review is released. Id of the review.

    Raises:
        UnknownReview, InvalidTransition, InvalidText.
    """
    _check_note(command.note, "note", minimum=0)
    _, before = _locked(uow, command.id)
    after = _decide(uow, before, "accept", command.note)
    let_go(uow, after)
    return after.id


def reject_review(uow: UnitOfWork, command: RejectReview) -> UUID:
    """Do not let the order go on; call it off, if that is asked for. Id of the review.

    Raises:
        UnknownReview, InvalidTransition, InvalidText.
        OrderUnderWay: it is to be called off, and some of it has left the house.
    """
    _check_note(command.note, "note", minimum=0)
    order, before = _locked(uow, command.id)
    if command.cancel and order.fulfillment_status in SENT:
        raise OrderUnderWay().at("cancel")
    after = _decide(uow, before, "reject", command.note)
    if command.cancel and order.status in UNFINISHED:
        cancel_order(uow, CancelOrder(id=order.id, reason=command.reason))
    return after.id


def assign_review(uow: UnitOfWork, command: AssignReview) -> UUID:
    """Say who has to look. Id of the review.

    Raises:
        UnknownReview, InvalidTransition, UnknownStaff.
    """
    before = queries.locked_review(uow.db, command.id)
    MACHINE.check("assign", before.status)
    assignee = command.assignee_id
    if assignee is not None and assignee not in staff_by_ids(uow.db, [assignee]):
        raise UnknownStaff(assignee).at("assignee_id")
    after = save(uow, reviews, before, replace(before, assignee_id=assignee))
    event = ReviewAssigned(after.id, after.version, after.order_id, after.assignee_id)
    uow.emit(event, before=before, after=after)
    return after.id


def note_review(uow: UnitOfWork, command: NoteReview) -> UUID:
    """Leave a note in the timeline of a review, which is not changed by it. Its id.

    Raises:
        UnknownReview, InvalidText.
    """
    _check_note(command.body, "body", minimum=1)
    review = queries.locked_review(uow.db, command.id)
    uow.emit(ReviewNoted(review.id, review.version, review.order_id, command.body))
    return review.id


def record_review_outcome(uow: UnitOfWork, command: RecordReviewOutcome) -> UUID:
    """Note how it turned out, so that the rules can be judged. Id of the review.

    Raises:
        UnknownReview, InvalidTransition: nobody has decided yet.
    """
    before = queries.locked_review(uow.db, command.id)
    MACHINE.check("record_outcome", before.status)
    return record_outcome(uow, before, command.outcome)


def learn_from_dispute(uow: UnitOfWork, event: DisputeClosed) -> None:
    """Note that a payment was charged back, or that the shop was right about its order."""
    known = queries.reviews_by_orders(uow.db, [event.order_id]).get(event.order_id)
    if known is None or "record_outcome" not in MACHINE.allowed(known.status):
        return
    lost = event.outcome in TAKING
    outcome = ReviewOutcome.CHARGEBACK if lost else ReviewOutcome.LEGITIMATE
    record_outcome(uow, queries.locked_review(uow.db, known.id), outcome)


def record_outcome(uow: UnitOfWork, before: Review, outcome: ReviewOutcome) -> UUID:
    """Note how a review turned out that is locked. Its id."""
    after = save(uow, reviews, before, replace(before, outcome=outcome, outcome_at=uow.now))
    event = ReviewOutcomeRecorded(after.id, after.version, after.order_id, outcome)
    uow.emit(event, before=before, after=after)
    return after.id


def _locked(uow: UnitOfWork, id: UUID) -> tuple[Order, Review]:
    """The order and its review; the order first, as everybody who changes both does."""
    known = queries.reviews_by_ids(uow.db, [id]).get(id)
    if known is None:
        raise UnknownReview(id).at("id")
    return orders.locked_order(uow.db, known.order_id), queries.locked_review(uow.db, id)


def _decide(uow: UnitOfWork, before: Review, action: str, note: str) -> Review:
    actor = uow.caller.actor
    status = MACHINE.check(action, before.status)
    after = save(
        uow,
        reviews,
        before,
        replace(
            before,
            status=status,
            decided_at=uow.now,
            decided_by_kind=actor.kind.value,
            decided_by_id=actor.id,
        ),
    )
    event = ReviewDecided(after.id, after.version, after.order_id, after.status)
    uow.emit(event, before=before, after=after)
    if note.strip():
        uow.emit(ReviewNoted(after.id, after.version, after.order_id, note))
    return after


def _check_note(note: str, name: str, *, minimum: int) -> None:
    faults = Faults()
    check_text(note, faults, name, minimum=minimum, maximum=NOTE_LENGTH_MAX)
    faults.check()
