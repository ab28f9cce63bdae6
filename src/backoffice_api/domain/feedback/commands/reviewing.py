"""Reviews of products: written, looked at, shown or hidden, answered by the shop."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.feedback import queries
from backoffice_api.domain.feedback.commands.counting import count
from backoffice_api.domain.feedback.commands.opening import ticket_of_review
from backoffice_api.domain.feedback.model.measures import (
    FeedbackKind,
    FeedbackMeasure,
    check_score,
    month_of,
)
from backoffice_api.domain.feedback.model.policies import FeedbackPolicy
from backoffice_api.domain.feedback.model.product_reviews import (
    AUTHOR_LENGTH_MAX,
    LOCALE_LENGTH_MAX,
    MACHINE,
    NOTE_LENGTH_MAX,
    PHOTOS_MAX,
    REVIEW_TEXT_LENGTH_MAX,
    NotBought,
    ProductReview,
    ProductReviewHidden,
    ProductReviewOrigin,
    ProductReviewPublished,
    ProductReviewRemoved,
    ProductReviewReplied,
    ProductReviewRewritten,
    ProductReviewStatus,
    ProductReviewWritten,
    ReviewDraft,
    ReviewedBefore,
    WrittenInTheFuture,
)
from backoffice_api.domain.feedback.tables import product_reviews
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX, TEXT_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.media.commands.attaching import attach_files, replace_files
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.lines import OrderLine, UnknownOrderLine
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownProduct, UnknownVariant


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProductReview(Command):
    """With `order_line_id`, it is of what was bought, and verified; else of the product."""

    scope = Scope.FEEDBACK_WRITE
    review: ReviewDraft
    product_id: UUID | None = None
    variant_id: UUID | None = None
    order_line_id: UUID | None = None
    author: str = ""
    locale: str | None = None
    written_at: datetime | None = None
    photo_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishProductReview(Command):
    scope = Scope.FEEDBACK_WRITE
    table = product_reviews
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class HideProductReview(Command):
    scope = Scope.FEEDBACK_WRITE
    table = product_reviews
    id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerProductReview(Command):
    """An empty answer takes back the one there was."""

    scope = Scope.FEEDBACK_WRITE
    table = product_reviews
    id: UUID
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveProductReview(Command):
    scope = Scope.FEEDBACK_WRITE
    table = product_reviews
    id: UUID


def create_product_review(uow: UnitOfWork, command: CreateProductReview) -> UUID:
    """Write down what somebody thinks of a product. Id of the review.

    Raises:
        UnknownProduct, UnknownVariant, UnknownOrderLine, NotBought, ReviewedBefore.
        ScoreOffScale, InvalidText, ForbiddenCharacter, TooMany, WrittenInTheFuture.
        UnknownMediaFile: of a photo.
    """
    check_draft(command.review)
    faults = Faults()
    check_text(command.author, faults, "author", minimum=0, maximum=AUTHOR_LENGTH_MAX)
    check_text(command.locale, faults, "locale", maximum=LOCALE_LENGTH_MAX)
    check_size(command.photo_ids, faults, "photo_ids", maximum=PHOTOS_MAX)
    if command.written_at and command.written_at > uow.now:
        faults.add(WrittenInTheFuture().at("written_at"))
    faults.check()
    if command.order_line_id:
        line, order, product_id = _bought(uow, command.order_line_id, None)
        if there := queries.reviews_by_lines(uow.db, [line.id]).get(line.id):
            raise ReviewedBefore(there.id).at("order_line_id")
        made = _new(uow, command.review, product_id, ProductReviewOrigin.STAFF, line, order)
    else:
        product_id, variant_id = _product(uow, command.product_id, command.variant_id)
        made = _new(uow, command.review, product_id, ProductReviewOrigin.STAFF)
        made = replace(made, variant_id=variant_id)
    made = replace(
        made,
        author=command.author,
        locale=command.locale,
        written_at=command.written_at or uow.now,
    )
    made = put_new(uow, made)
    photos = tuple(dict.fromkeys(command.photo_ids))
    attach_files(uow, {made.id: photos} if photos else {})
    return made.id


def review_line(
    uow: UnitOfWork,
    order_line_id: UUID,
    draft: ReviewDraft,
    *,
    order_id: UUID | None,
    author: str,
    origin: ProductReviewOrigin,
) -> UUID:
    """Keep what the buyer thinks of what was bought, in place of what they said before. Its id.

    What is said anew is looked at anew.

    Raises:
        NotBought: the line is of another order, or nothing of it was sent.
        ScoreOffScale, InvalidText, ForbiddenCharacter.
    """
    check_draft(draft)
    faults = Faults()
    check_text(author, faults, "author", minimum=0, maximum=AUTHOR_LENGTH_MAX)
    faults.check()
    line, order, product_id = _bought(uow, order_line_id, order_id)
    before = queries.reviews_by_lines(uow.db, [line.id]).get(line.id)
    if before is None:
        made = _new(uow, draft, product_id, origin, line, order)
        return put_new(uow, replace(made, author=author)).id
    policy = _policy(uow, before.channel_id)
    wanted = replace(
        before,
        rating=draft.rating,
        title=draft.title,
        text=draft.text,
        author=author,
        status=MACHINE.check("rewrite", before.status),
        reason="",
        counted_on=None,
    )
    wanted = _looked_at(policy, wanted)
    after = _save(uow, before, _with_ticket(uow, policy, wanted))
    event = ProductReviewRewritten(after.id, after.version, after.product_id, after.rating)
    uow.emit(event, before=before, after=after)
    return after.id


def publish_product_review(uow: UnitOfWork, command: PublishProductReview) -> UUID:
    """Show a review to customers, and have it count. Its id.

    Raises:
        UnknownProductReview, InvalidTransition.
    """
    before = queries.review(uow.db, command.id)
    MACHINE.check("publish", before.status)
    after = _save(uow, before, _published(before))
    event = ProductReviewPublished(after.id, after.version, after.product_id, after.rating)
    uow.emit(event, before=before, after=after)
    return after.id


def hide_product_review(uow: UnitOfWork, command: HideProductReview) -> UUID:
    """Show a review to nobody, and say why. It counts nowhere. Its id.

    Raises:
        UnknownProductReview, InvalidTransition, InvalidText, ForbiddenCharacter.
    """
    faults = Faults()
    check_text(command.reason, faults, "reason", maximum=NOTE_LENGTH_MAX)
    faults.check()
    before = queries.review(uow.db, command.id)
    status = MACHINE.check("hide", before.status)
    wanted = replace(before, status=status, reason=command.reason, counted_on=None)
    after = _save(uow, before, wanted)
    event = ProductReviewHidden(after.id, after.version, after.product_id)
    uow.emit(event, before=before, after=after)
    return after.id


def answer_product_review(uow: UnitOfWork, command: AnswerProductReview) -> UUID:
    """Say what the shop says to a review. Its id.

    Raises:
        UnknownProductReview, InvalidTransition, InvalidText, ForbiddenCharacter.
    """
    faults = Faults()
    check_text(command.answer, faults, "answer", minimum=0, maximum=TEXT_LENGTH_MAX)
    faults.check()
    before = queries.review(uow.db, command.id)
    status = MACHINE.check("answer", before.status)
    answer = command.answer.strip()
    wanted = replace(before, status=status, answer=answer, answered_at=uow.now if answer else None)
    after = _save(uow, before, wanted)
    event = ProductReviewReplied(after.id, after.version, after.product_id)
    uow.emit(event, before=before, after=after)
    return after.id


def remove_product_review(uow: UnitOfWork, command: RemoveProductReview) -> UUID:
    """Forget what a review said; it counts nowhere. Its id.

    Raises:
        UnknownProductReview, InvalidTransition.
    """
    before = queries.review(uow.db, command.id)
    wanted = replace(
        before,
        status=MACHINE.check("remove", before.status),
        title="",
        text="",
        author="",
        counted_on=None,
    )
    replace_files(uow, before.id, ())
    after = _save(uow, before, wanted)
    event = ProductReviewRemoved(after.id, after.version, after.product_id)
    uow.emit(event, before=before, after=after)
    return after.id


def check_draft(draft: ReviewDraft, *path: str | int) -> None:
    """Refuse what is no review.

    Raises:
        ScoreOffScale, InvalidText, ForbiddenCharacter.
    """
    faults = Faults()
    try:
        check_score(FeedbackMeasure.PRODUCT_RATING, draft.rating)
    except DomainError as fault:
        faults.add(fault.at(*path, "rating"))
    check_text(draft.title, faults, *path, "title", minimum=0, maximum=NAME_LENGTH_MAX)
    check_text(draft.text, faults, *path, "text", minimum=0, maximum=REVIEW_TEXT_LENGTH_MAX)
    faults.check()


def put_new(uow: UnitOfWork, made: ProductReview) -> ProductReview:
    """Add a review; it is shown at once if the policy needs nobody to look at it."""
    policy = _policy(uow, made.channel_id)
    made = _with_ticket(uow, policy, _looked_at(policy, made))
    add(uow, product_reviews, [made])
    count(uow, (), made.places)
    event = ProductReviewWritten(
        made.id, made.version, made.product_id, made.rating, made.is_verified
    )
    uow.emit(event, after=made)
    return made


def _save(uow: UnitOfWork, before: ProductReview, wanted: ProductReview) -> ProductReview:
    after = save(uow, product_reviews, before, wanted)
    count(uow, before.places, after.places)
    return after


def _policy(uow: UnitOfWork, channel_id: UUID | None) -> FeedbackPolicy | None:
    return queries.Policies(uow.db).active(FeedbackKind.REVIEW, channel_id)


def _published(review: ProductReview) -> ProductReview:
    status = ProductReviewStatus.PUBLISHED
    counted_on = month_of(review.written_at)
    return replace(review, status=status, reason="", counted_on=counted_on)


def _looked_at(policy: FeedbackPolicy | None, review: ProductReview) -> ProductReview:
    """The review as it is shown, if nobody has to look at it first."""
    from_ = policy.publish_from if policy else None
    return _published(review) if from_ is not None and review.rating >= from_ else review


def _with_ticket(
    uow: UnitOfWork, policy: FeedbackPolicy | None, review: ProductReview
) -> ProductReview:
    if policy is None:
        return review
    return replace(review, opened_ticket_id=ticket_of_review(uow, policy, review))


def _bought(uow: UnitOfWork, line_id: UUID, order_id: UUID | None) -> tuple[OrderLine, Order, UUID]:
    """The line, its order and its product. `order_id`: of which order it must be; None: any."""
    line = orders.lines_by_ids(uow.db, [line_id]).get(line_id)
    if line is None:
        refusal = NotBought() if order_id else UnknownOrderLine(line_id)
        raise refusal.at("order_line_id")
    is_of_other = order_id is not None and line.order_id != order_id
    if line.shipped <= 0 or is_of_other or line.variant_id is None:
        raise NotBought().at("order_line_id")
    variant = products.variants_by_ids(uow.db, [line.variant_id])[line.variant_id]
    order = orders.orders_by_ids(uow.db, [line.order_id])[line.order_id]
    return line, order, variant.product_id


def _product(
    uow: UnitOfWork, product_id: UUID | None, variant_id: UUID | None
) -> tuple[UUID, UUID | None]:
    if variant_id is not None:
        variant = products.variants_by_ids(uow.db, [variant_id]).get(variant_id)
        if variant is None or product_id not in (None, variant.product_id):
            raise UnknownVariant(variant_id.hex).at("variant_id")
        return variant.product_id, variant_id
    if product_id is None or product_id not in products.products_by_ids(uow.db, [product_id]):
        raise UnknownProduct(product_id or UUID(int=0)).at("product_id")
    return product_id, None


def _new(
    uow: UnitOfWork,
    draft: ReviewDraft,
    product_id: UUID,
    origin: ProductReviewOrigin,
    line: OrderLine | None = None,
    order: Order | None = None,
) -> ProductReview:
    return ProductReview(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        product_id=product_id,
        variant_id=line.variant_id if line else None,
        order_id=order.id if order else None,
        order_line_id=line.id if line else None,
        customer_id=order.customer_id if order else None,
        channel_id=order.channel_id if order else None,
        rating=draft.rating,
        title=draft.title,
        text=draft.text,
        author="",
        locale=None,
        origin=origin,
        status=MACHINE.start,
        reason="",
        answer="",
        answered_at=None,
        written_at=uow.now,
        counted_on=None,
        opened_ticket_id=None,
    )
