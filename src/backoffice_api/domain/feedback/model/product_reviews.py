"""Product reviews: what customers say of products, looked at before others read it.

    pending > published <> hidden, or removed

A review is verified if it belongs to a line of an order that was sent. Only what is published
counts in the averages. What is changed by its author is looked at again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from backoffice_api.domain.feedback.model.measures import (
    FeedbackDimension,
    FeedbackMeasure,
    Place,
    places,
)
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.states import Action, Machine, move

CONTENT = {"personal": "content"}
IDENTITY = {"personal": "identity"}
REVIEW_TEXT_LENGTH_MAX = 10_000
AUTHOR_LENGTH_MAX = 100
LOCALE_LENGTH_MAX = 35
NOTE_LENGTH_MAX = 1_000
PHOTOS_MAX = 10
IMPORTED_MAX = 250


class ProductReviewStatus(Choice):
    """Who may read a review."""

    PENDING = "pending", "Somebody has to look at it first."
    PUBLISHED = "published", "Customers read it, and it counts."
    HIDDEN = "hidden", "It is not shown; see the reason."
    REMOVED = "removed", "It was removed with all that it said."


class ProductReviewOrigin(Choice):
    """How a review came."""

    CUSTOMER = "customer", "The customer wrote it, by the link of their order."
    STAFF = "staff", "Somebody of the shop wrote it down."
    IMPORT = "import", "It comes from another shop system."


class ProductReviewSortKey(Choice):
    """By what a list of reviews of products is sorted."""

    WRITTEN_AT = "written_at", "When it was written."
    UPDATED_AT = "updated_at", "When it was last changed."
    RATING = "rating", "How good the product was found."


_S = ProductReviewStatus
_SHOWN = {_S.PENDING, _S.PUBLISHED, _S.HIDDEN}

MACHINE = Machine(
    _S.PENDING,
    move("publish", {_S.PENDING, _S.HIDDEN}, _S.PUBLISHED),
    move("hide", {_S.PENDING, _S.PUBLISHED}, _S.HIDDEN),
    move("answer", _SHOWN),
    move("rewrite", _SHOWN, _S.PENDING),
    move("remove", _SHOWN, _S.REMOVED),
)


@dataclass(frozen=True, slots=True)
class ProductReview:
    """`order_line_id`: what was bought; None: nobody knows, so it is not verified.

    `reason`: why it is hidden. `answer`: what the shop says to it; empty: nothing. `written_at`:
    when its author wrote it, wherever that was. `counted_on`: first day of the month in which it
    counts; None: it counts nowhere.
    """

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    product_id: UUID
    variant_id: UUID | None
    order_id: UUID | None
    order_line_id: UUID | None
    customer_id: UUID | None
    channel_id: UUID | None
    rating: int
    title: str = field(metadata=CONTENT)
    text: str = field(metadata=CONTENT)
    author: str = field(metadata=IDENTITY)
    locale: str | None
    origin: ProductReviewOrigin
    status: ProductReviewStatus
    reason: str
    answer: str
    answered_at: datetime | None
    written_at: datetime
    counted_on: date | None
    opened_ticket_id: UUID | None

    @property
    def actions(self) -> Sequence[Action]:
        return [each for each in MACHINE.actions(self.status) if each.name != "rewrite"]

    @property
    def is_verified(self) -> bool:
        return self.order_line_id is not None

    @property
    def places(self) -> Iterable[Place]:
        """Where it counts."""
        of: Mapping[FeedbackDimension, UUID | None] = {
            FeedbackDimension.CHANNEL: self.channel_id,
            FeedbackDimension.PRODUCT: self.product_id,
            FeedbackDimension.VARIANT: self.variant_id,
        }
        return places(FeedbackMeasure.PRODUCT_RATING, self.counted_on, self.rating, of)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDraft:
    """What somebody says of a product."""

    rating: int
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedReview:
    """A review as another system had it, of a variant by its SKU or of a product.

    `is_published` None: somebody has to look at it.
    """

    external_id: ExternalId
    review: ReviewDraft
    written_at: datetime
    sku: str | None = None
    product_id: UUID | None = None
    author: str = ""
    locale: str | None = None
    is_published: bool | None = None
    reason: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class ProductReviewWritten(Event):
    type = "product_review.written"
    subject = "rvw"
    summary = "A product was reviewed: {rating} of 5."
    id: UUID
    version: int
    product_id: UUID
    rating: int
    is_verified: bool


@dataclass(frozen=True, slots=True)
class ProductReviewRewritten(Event):
    type = "product_review.rewritten"
    subject = "rvw"
    summary = "A review was written anew: {rating} of 5."
    id: UUID
    version: int
    product_id: UUID
    rating: int


@dataclass(frozen=True, slots=True)
class ProductReviewPublished(Event):
    type = "product_review.published"
    subject = "rvw"
    summary = "A review of a product was published: {rating} of 5."
    id: UUID
    version: int
    product_id: UUID
    rating: int


@dataclass(frozen=True, slots=True)
class ProductReviewHidden(Event):
    type = "product_review.hidden"
    subject = "rvw"
    summary = "A review of a product was hidden."
    id: UUID
    version: int
    product_id: UUID


@dataclass(frozen=True, slots=True)
class ProductReviewReplied(Event):
    type = "product_review.replied"
    subject = "rvw"
    summary = "The shop answered a review of a product."
    id: UUID
    version: int
    product_id: UUID


@dataclass(frozen=True, slots=True)
class ProductReviewRemoved(Event):
    type = "product_review.removed"
    subject = "rvw"
    summary = "A review of a product was removed."
    id: UUID
    version: int
    product_id: UUID


@dataclass(eq=False)
class UnknownProductReview(Missing):
    """There is no review of a product with this id."""

    id: UUID
    message = "There is no such review."


@dataclass(eq=False)
class NotBought(Refused):
    """Nothing of this line was sent, or it is of another product: nobody can judge it."""

    message = "Nothing of this line was sent, or it is of another product."


@dataclass(eq=False)
class ReviewedBefore(Refused):
    """The line has a review already: change that one."""

    id: UUID
    message = "There is a review of this line already."


@dataclass(eq=False)
class WrittenInTheFuture(Invalid):
    """Nobody can have written it by then."""

    message = "It cannot have been written in the future."
