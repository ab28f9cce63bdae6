"""Reviews of products on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.context import Outcome
from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.feedback import queries
from backoffice_api.domain.feedback.model import product_reviews as model
from backoffice_api.domain.feedback.model.product_reviews import (
    ImportedReview,
    ProductReviewOrigin,
    ProductReviewSortKey,
    ProductReviewStatus,
    ReviewDraft,
    ReviewedBefore,
)
from backoffice_api.domain.feedback.queries import scores as on_scores
from backoffice_api.domain.feedback.tables import product_reviews
from backoffice_api.domain.kernel import external_ids, ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.media.queries import files_by_subjects
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.tickets import queries as tickets
from backoffice_api.schema.aggregates import ActionState, ExternalId, ExternalIdInput, HasTimeline
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.feedback import READ, FeedbackFigures
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    IntFilter,
    SortDirection,
    filter_input,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.media import MediaFile
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.orders import Order
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import Product, Variant
from backoffice_api.schema.tickets import Ticket

for _choices in (ProductReviewOrigin, ProductReviewSortKey, ProductReviewStatus):
    choice(_choices)


@node("rvw", model.ProductReview, queries.reviews_by_ids, scope=READ)
class ProductReview(Node, Versioned, HasTimeline):
    """What somebody says of a product, looked at before others read it."""

    rating: int = about("How good they find it, 1 to 5.")
    title: str = about(
        "In one line. Empty: nothing.", personal="content", scope=Scope.PERSONAL_READ
    )
    text: str = about("In full. Empty: nothing.", personal="content", scope=Scope.PERSONAL_READ)
    author: str = about(
        "The name to be shown. Empty: none.", personal="identity", scope=Scope.PERSONAL_READ
    )
    locale: str | None = about("In which language, by its BCP 47 tag. Null: not known.")
    origin: ProductReviewOrigin = about("How it came.")
    status: ProductReviewStatus = about("Who may read it.")
    actions: list[ActionState] = about("What can be done with it now.")
    is_verified: bool = about("It was bought: the review belongs to a line that was sent.")
    reason: str = about("Why it is hidden. Empty: it is not, or nobody said.")
    answer: str = about("What the shop says to it. Empty: nothing.")
    answered_at: datetime | None = about("When the shop answered. Null: it did not.")
    written_at: datetime = about("When it was written, wherever that was.")
    product: Product = one(products.products_by_ids, "product_id", "The product.")
    variant: Variant | None = one(
        products.variants_by_ids, "variant_id", "The variant. Null: not known."
    )
    order: Order | None = one(
        orders.orders_by_ids,
        "order_id",
        "The order by which it was bought. Null: not known.",
        scope=Scope.ORDERS_READ,
    )
    customer: Customer | None = one(
        customers.customers_by_ids,
        "customer_id",
        "Who bought it. Null: not known, or a guest.",
        scope=Scope.CUSTOMERS_READ,
    )
    channel: Channel | None = one(
        orders.channels_by_ids,
        "channel_id",
        "Where it was bought. Null: not known.",
        scope=Scope.ORDERS_READ,
    )
    photos: list[MediaFile] = many(files_by_subjects, "id", "What it shows, at most 10.")
    opened_ticket: Ticket | None = one(
        tickets.tickets_by_ids,
        "opened_ticket_id",
        "The ticket that a low rating has opened. Null: none.",
        scope=Scope.TICKETS_READ,
    )
    external_ids: list[ExternalId] = many(
        external_ids.by_subjects, "id", "What other systems call it; at most 20."
    )


for _owner, _column in (
    (Product, product_reviews.c.product_id),
    (Variant, product_reviews.c.variant_id),
    (Order, product_reviews.c.order_id),
    (Customer, product_reviews.c.customer_id),
):
    attach(
        _owner,
        "product_reviews" if _owner in (Order, Customer) else "reviews",
        Connection[ProductReview],
        listed_under(
            queries.review_list, _column, "Reviews, newest first, hidden ones too.", scope=READ
        ),
    )
attach(
    Product,
    "rating",
    FeedbackFigures | None,
    one(
        on_scores.ratings_by_products,
        "id",
        "What its published reviews come to. Null: it has none.",
        scope=READ,
    ),
)
attach(
    Variant,
    "rating",
    FeedbackFigures | None,
    one(
        on_scores.ratings_by_variants,
        "id",
        "What its published reviews come to. Null: it has none.",
        scope=READ,
    ),
)


def _there_already(parent: strawberry.Parent[ReviewedBefore]) -> strawberry.ID:
    return strawberry.ID(ids.text("rvw", parent.id))


@error(ReviewedBefore)
class ReviewedBeforeError(UserError):
    """The line has a review already."""

    review_id: strawberry.ID = about("That one.", resolver=_there_already)


@filter_input
class ProductReviewFilter:
    """Which reviews. All words that are given must hold."""

    status: list[ProductReviewStatus] | None = about("In one of these states.", default=UNSET)
    origin: list[ProductReviewOrigin] | None = about("That came so.", default=UNSET)
    rating: IntFilter | None = about("With such a rating.", default=UNSET)
    product_id: IdFilter | None = about("Of such a product.", default=UNSET)
    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    order_id: IdFilter | None = about("Bought by such an order.", default=UNSET)
    customer_id: IdFilter | None = about("Of such a customer.", default=UNSET)
    channel_id: IdFilter | None = about("Bought in such a channel.", default=UNSET)
    written_at: DateTimeFilter | None = about("Written at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of reviews of products.")
class ProductReviewSort:
    key: ProductReviewSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="What somebody thinks of a product.")
class ProductReviewCreateInput:
    rating: int = about("How good they find it, 1 to 5.")
    order_line_id: strawberry.ID | None = about(
        "What they bought; then the review is verified.", default=None
    )
    variant_id: strawberry.ID | None = about("Else of which variant.", default=None)
    product_id: strawberry.ID | None = about("Else of which product.", default=None)
    title: str = about("In one line, at most 250 characters.", default="")
    text: str = about("In full, at most 10,000 characters.", default="")
    author: str = about("The name to be shown, at most 100 characters.", default="")
    locale: str | None = about("In which language, as pt-BR.", default=None)
    written_at: datetime | None = about("When they wrote it. Null: now.", default=None)
    photo_ids: list[strawberry.ID] = about("Uploaded files, at most 10.", default_factory=list)


@strawberry.input(description="Why a review is hidden.")
class ProductReviewHideInput:
    reason: str = about("For the staff, 1 to 1,000 characters.")


@strawberry.input(description="What the shop says to a review.")
class ProductReviewAnswerInput:
    answer: str = about("At most 20,000 characters. Empty: it takes back what it said.")


@strawberry.input(description="A review as another shop system had it.")
class ProductReviewImportInput:
    external_id: ExternalIdInput = about("What that system calls it: it is taken over once.")
    rating: int = about("How good they find it, 1 to 5.")
    written_at: datetime = about("When they wrote it.")
    sku: str | None = about("Of which variant, by its SKU.", default=None)
    product_id: strawberry.ID | None = about("Else of which product.", default=None)
    title: str = about("In one line, at most 250 characters.", default="")
    text: str = about("In full, at most 10,000 characters.", default="")
    author: str = about("The name to be shown, at most 100 characters.", default="")
    locale: str | None = about("In which language, as pt-BR.", default=None)
    is_published: bool | None = about(
        "Whether it was shown there. Null: somebody has to look at it.", default=None
    )
    reason: str = about("Why it was hidden, at most 1,000 characters.", default="")
    answer: str = about("What that shop said to it, at most 20,000 characters.", default="")

    def value(self) -> ImportedReview:
        """Raises: MalformedId."""
        return ImportedReview(
            external_id=self.external_id.value(),
            review=ReviewDraft(rating=self.rating, title=self.title, text=self.text),
            written_at=self.written_at,
            sku=self.sku,
            product_id=given_id("prd", self.product_id),
            author=self.author,
            locale=self.locale,
            is_published=self.is_published,
            reason=self.reason,
            answer=self.answer,
        )


@strawberry.input(description="Reviews from another shop system.")
class ProductReviewsImportInput:
    reviews: list[ProductReviewImportInput] = about("Which ones, at most 250.")


@payload
class ProductReviewPayload(MutationPayload):
    """What a mutation of a review answers."""

    review: ProductReview | None = one(
        queries.reviews_by_ids, "value", "The review as it is now. Null if it was refused."
    )


@payload
class ProductReviewsImportPayload(MutationPayload):
    """What taking over reviews came to."""

    @strawberry.field(description="Their ids, in the order given. Empty if it was refused.")
    def ids(parent: strawberry.Parent[Outcome]) -> list[strawberry.ID]:
        made = parent.value.ids if parent.value else ()
        return [strawberry.ID(ids.text("rvw", each)) for each in made]

    @strawberry.field(
        description="How many of them were there already, and stayed as they are. Null if it was "
        "refused."
    )
    def known(parent: strawberry.Parent[Outcome]) -> int | None:
        return parent.value.known if parent.value else None
