"""What can be done with the media of a product: added, described, put in order, removed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Integer, delete, select, update

from backoffice_api.domain.kernel import events
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id, Instant
from backoffice_api.domain.kernel.texts import TooMany
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.media import queries
from backoffice_api.domain.media.model import (
    OF_PRODUCT_MAX,
    FileStatus,
    FocalPoint,
    MediaAdded,
    MediaRemoved,
    MediaReordered,
    MediaUpdated,
    Medium,
    NotOfProduct,
    UnknownMediaFile,
    check_medium,
    check_order,
)
from backoffice_api.domain.media.tables import media_files, product_media
from backoffice_api.domain.products import queries as of_products
from backoffice_api.domain.products.commands.touching import touch_product
from backoffice_api.domain.products.model import UnknownVariant
from backoffice_api.domain.products.tables import products

_PUT_POSITION = UpdateEach(
    lambda given: (
        update(product_media)
        .where(product_media.c.id == given("id"))
        .values(
            position=given("position"),
            version=product_media.c.version + 1,
            updated_at=given("now"),
        )
    ),
    id=Id(),
    position=Integer(),
    now=Instant(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMedia(Command):
    """To the product `id`, behind the media that it has. `variant_id`: shown for this variant."""

    scope = Scope.PRODUCTS_WRITE
    table = products
    id: UUID
    file_id: UUID
    variant_id: UUID | None = None
    alt_text: str = ""
    focal_point: FocalPoint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateMedia(Command):
    scope = Scope.PRODUCTS_WRITE
    table = product_media
    id: UUID
    variant_id: UUID | Keep | None = KEEP
    alt_text: str | Keep = KEEP
    focal_point: FocalPoint | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ReorderMedia(Command):
    """All media of the product `id`, as they are to follow one another."""

    scope = Scope.PRODUCTS_WRITE
    table = products
    id: UUID
    media_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMedia(Command):
    scope = Scope.PRODUCTS_WRITE
    table = product_media
    id: UUID


def add_media(uow: UnitOfWork, command: AddMedia) -> UUID:
    """Show a file with a product, behind the media that it has. Id of the product.

    Raises:
        UnknownProduct, InvalidTransition, UnknownMediaFile.
        UnknownVariant, NotOfProduct: there is no such variant of the product.
        TooMany: it has as many as it can have.
        InvalidText, OutOfRange: the input is wrong.
    """
    faults = Faults()
    check_medium(faults, command.alt_text, command.focal_point)
    faults.check()
    product = touch_product(uow, command.id)
    present = queries.media_of(uow.db, product.id)
    if len(present) >= OF_PRODUCT_MAX:
        raise TooMany(OF_PRODUCT_MAX).at("id")
    _check_file(uow, command.file_id)
    _check_variant(uow, product.id, command.variant_id)
    focal = command.focal_point
    made = Medium(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        product_id=product.id,
        variant_id=command.variant_id,
        file_id=command.file_id,
        position=len(present),
        alt_text=command.alt_text,
        focal_x=focal.x_permille if focal else None,
        focal_y=focal.y_permille if focal else None,
    )
    add(uow, product_media, [made])
    event = MediaAdded(product.id, product.version, product.title, made.id)
    uow.emit(event, changes=[_change(made, None, made.file_id)])
    return product.id


def update_media(uow: UnitOfWork, command: UpdateMedia) -> UUID:
    """Change what is given of a medium; what is absent stays. Id of the product.

    Raises:
        UnknownMedium, InvalidTransition.
        UnknownVariant, NotOfProduct: there is no such variant of the product.
        InvalidText, OutOfRange: the change is wrong.
    """
    before = queries.medium(uow.db, command.id)
    focal = patched(command.focal_point, before.focal_point)
    after = replace(
        before,
        variant_id=patched(command.variant_id, before.variant_id),
        alt_text=patched(command.alt_text, before.alt_text),
        focal_x=focal.x_permille if focal else None,
        focal_y=focal.y_permille if focal else None,
    )
    faults = Faults()
    check_medium(faults, after.alt_text, focal)
    faults.check()
    product = touch_product(uow, before.product_id)
    _check_variant(uow, product.id, after.variant_id)
    after = save(uow, product_media, before, after)
    event = MediaUpdated(product.id, product.version, product.title, after.id)
    uow.emit(event, before=before, after=after)
    return product.id


def reorder_media(uow: UnitOfWork, command: ReorderMedia) -> UUID:
    """Put the media of a product into this order. Id of the product.

    Raises:
        UnknownProduct, InvalidTransition.
        NotAllMedia: the order leaves something out, or names something else.
    """
    product = touch_product(uow, command.id)
    present = [each.id for each in queries.media_of(uow.db, product.id)]
    check_order(present, command.media_ids)
    _number(uow, command.media_ids)
    change = events.change("media_order", present, command.media_ids)
    event = MediaReordered(product.id, product.version, product.title)
    uow.emit(event, changes=[change] if present != list(command.media_ids) else [])
    return product.id


def remove_media(uow: UnitOfWork, command: RemoveMedia) -> UUID:
    """Take a medium from its product; its file goes when nothing shows it. Id of the product.

    Raises:
        UnknownMedium, InvalidTransition.
    """
    before = queries.medium(uow.db, command.id)
    product = touch_product(uow, before.product_id)
    uow.db.execute(delete(product_media).where(product_media.c.id == before.id))
    _number(uow, [each.id for each in queries.media_of(uow.db, product.id)])
    event = MediaRemoved(product.id, product.version, product.title, before.id)
    uow.emit(event, changes=[_change(before, before.file_id, None)])
    return product.id


def _check_file(uow: UnitOfWork, id: UUID) -> None:
    """Lock the file, so that it is not doomed before it is shown."""
    statement = (
        select(media_files.c.id)
        .where(media_files.c.id == id, media_files.c.status == FileStatus.KEPT)
        .with_for_update()
    )
    if uow.db.execute(statement).first() is None:
        raise UnknownMediaFile(id).at("file_id")


def _check_variant(uow: UnitOfWork, product_id: UUID, variant_id: UUID | None) -> None:
    if variant_id is None:
        return
    variant = of_products.variants_by_ids(uow.db, [variant_id]).get(variant_id)
    if variant is None:
        raise UnknownVariant(variant_id.hex).at("variant_id")
    if variant.product_id != product_id:
        raise NotOfProduct().at("variant_id")


def _number(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    rows = [{"id": id, "position": place, "now": uow.now} for place, id in enumerate(ids)]
    _PUT_POSITION(uow.db, rows)


def _change(medium: Medium, before: UUID | None, after: UUID | None) -> dict[str, object]:
    return dict(events.change(f"media.{medium.id.hex}", before, after))
