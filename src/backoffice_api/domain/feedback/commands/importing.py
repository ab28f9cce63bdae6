"""Reviews from another shop system: taken over as they are, each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.feedback.commands.counting import count
from backoffice_api.domain.feedback.commands.reviewing import check_draft
from backoffice_api.domain.feedback.model.measures import month_of
from backoffice_api.domain.feedback.model.product_reviews import (
    AUTHOR_LENGTH_MAX,
    IMPORTED_MAX,
    LOCALE_LENGTH_MAX,
    NOTE_LENGTH_MAX,
    ImportedReview,
    ProductReview,
    ProductReviewOrigin,
    ProductReviewStatus,
    ProductReviewWritten,
    WrittenInTheFuture,
)
from backoffice_api.domain.feedback.tables import product_reviews
from backoffice_api.domain.kernel import external_ids
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import TEXT_LENGTH_MAX
from backoffice_api.domain.kernel.texts import Duplicate, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import UnknownProduct, UnknownVariant, Variant

EXTERNAL = "rvw"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProductReviews(Command):
    scope = Scope.IMPORTS_WRITE
    reviews: tuple[ImportedReview, ...]


@dataclass(frozen=True, slots=True)
class ReviewsImported:
    """Ids of the reviews in the order given, and how many of them were there already."""

    ids: tuple[UUID, ...]
    known: int


def import_product_reviews(uow: UnitOfWork, command: ImportProductReviews) -> ReviewsImported:
    """Take over reviews; those whose external id is known stay as they are. No tickets are opened.

    A constant number of statements, but one for each system that is named.

    Raises:
        TooMany, Duplicate, ScoreOffScale, InvalidText, ForbiddenCharacter, WrittenInTheFuture.
        UnknownProduct, UnknownVariant.
    """
    given = command.reviews
    _check(uow, given)
    there = external_ids.find(uow.db, EXTERNAL, [each.external_id for each in given])
    new = [each for each in given if each.external_id not in there]
    variants = products.variants_by_skus(uow.db, {each.sku for each in new if each.sku})
    named = products.products_by_ids(uow.db, {each.product_id for each in new if each.product_id})
    faults = Faults()
    for position, each in enumerate(given):
        if each in new:
            _check_product(each, variants, named, faults, "reviews", position)
    faults.check()
    made = {each.external_id: _made(uow, each, variants) for each in new}
    add(uow, product_reviews, list(made.values()))
    external_ids.add(uow.db, EXTERNAL, {row.id: [name] for name, row in made.items()})
    count(uow, (), [place for row in made.values() for place in row.places])
    for row in made.values():
        event = ProductReviewWritten(row.id, row.version, row.product_id, row.rating, False)
        uow.emit(event, after=row)
    ids = {**there, **{name: row.id for name, row in made.items()}}
    return ReviewsImported(tuple(ids[each.external_id] for each in given), len(there))


def _check(uow: UnitOfWork, given: Sequence[ImportedReview]) -> None:
    faults = Faults()
    check_size(given, faults, "reviews", maximum=IMPORTED_MAX)
    faults.check()
    seen: set[ExternalId] = set()
    for position, each in enumerate(given):
        path = ("reviews", position)
        try:
            check_draft(each.review, *path)
        except DomainError as fault:
            faults.extend(fault.reasons())
        external_ids.check_one(each.external_id, faults, *path, "external_id")
        check_text(each.author, faults, *path, "author", minimum=0, maximum=AUTHOR_LENGTH_MAX)
        check_text(each.locale, faults, *path, "locale", maximum=LOCALE_LENGTH_MAX)
        check_text(each.reason, faults, *path, "reason", minimum=0, maximum=NOTE_LENGTH_MAX)
        check_text(each.answer, faults, *path, "answer", minimum=0, maximum=TEXT_LENGTH_MAX)
        if each.written_at > uow.now:
            faults.add(WrittenInTheFuture().at(*path, "written_at"))
        if each.external_id in seen:
            faults.add(Duplicate(each.external_id.key).at(*path, "external_id"))
        seen.add(each.external_id)
    faults.check()


def _check_product(
    given: ImportedReview,
    variants: Mapping[str, Variant],
    named: Mapping[UUID, object],
    faults: Faults,
    *path: str | int,
) -> None:
    if given.sku is not None and given.sku not in variants:
        faults.add(UnknownVariant(given.sku).at(*path, "sku"))
    elif given.sku is None and given.product_id not in named:
        faults.add(UnknownProduct(given.product_id or UUID(int=0)).at(*path, "product_id"))


def _made(uow: UnitOfWork, given: ImportedReview, variants: Mapping[str, Variant]) -> ProductReview:
    variant = variants[given.sku] if given.sku else None
    product_id = variant.product_id if variant else given.product_id
    assert product_id is not None, "it was checked"
    status = _STATUSES[given.is_published]
    is_shown = status is ProductReviewStatus.PUBLISHED
    return ProductReview(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        product_id=product_id,
        variant_id=variant.id if variant else None,
        order_id=None,
        order_line_id=None,
        customer_id=None,
        channel_id=None,
        rating=given.review.rating,
        title=given.review.title,
        text=given.review.text,
        author=given.author,
        locale=given.locale,
        origin=ProductReviewOrigin.IMPORT,
        status=status,
        reason=given.reason,
        answer=given.answer,
        answered_at=given.written_at if given.answer else None,
        written_at=given.written_at,
        counted_on=month_of(given.written_at) if is_shown else None,
        opened_ticket_id=None,
    )


_STATUSES = {
    None: ProductReviewStatus.PENDING,
    True: ProductReviewStatus.PUBLISHED,
    False: ProductReviewStatus.HIDDEN,
}
