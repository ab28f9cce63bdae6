"""What follows from documents of another system: orders with their shipments, moved stock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from backoffice_api.domain.customers.commands.history import RecordedCustomer, record_customers
from backoffice_api.domain.integrations.model import (
    ORDERED,
    Document,
    DocumentRow,
    RowKind,
    Source,
)
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.orders.commands.history import (
    RecordedIds,
    RecordedLine,
    RecordedOrder,
    record_orders,
)
from backoffice_api.domain.orders.model.lines import LineKind
from backoffice_api.domain.products.commands.history import RecordedVariant, record_variants
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.commands.history import record_movements
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.model.locations import (
    CORRECTION_ID,
    CUSTOMER_ID,
    SCRAP_ID,
    LocationKind,
)
from backoffice_api.domain.stock.model.movements import MovementKind, RecordedMovement


def record_named(
    uow: UnitOfWork, source: Source, documents: Sequence[Document]
) -> tuple[Mapping[str, UUID], Mapping[str, UUID]]:
    """Take over the variants and customers that documents name: ids by SKU, ids by key."""
    variant_ids = record_variants(uow, source.name, _variants(documents))
    return variant_ids, record_customers(uow, _customers(source, documents))


def record_documents(
    uow: UnitOfWork,
    source: Source,
    documents: Sequence[Document],
    variant_ids: Mapping[str, UUID],
    customer_ids: Mapping[str, UUID],
) -> None:
    """Orders with their shipments, and what was written off, found or given without an order.

    Returns are passed over.
    """
    documents = [each for each in documents if not each.is_return]
    if not documents:
        return
    channel_id, location_id = channel_of(uow, source), location_of(uow, source)
    ids = record_orders(
        uow,
        [
            RecordedOrder(
                channel_id=channel_id,
                number=each.key,
                customer_id=customer_ids[each.customer_key] if each.customer_key else None,
                currency=source.currency,
                placed_at=each.recorded_at,
                external_ids=(ExternalId(source.name, each.key),),
                lines=tuple(_lines(each, variant_ids)),
            )
            for each in documents
            if each.is_sale
        ],
    )
    movements = [
        movement
        for each in documents
        for movement in _movements(each, ids.get(each.key), variant_ids, location_id)
    ]
    record_movements(uow, movements)


def _variants(documents: Sequence[Document]) -> Iterable[RecordedVariant]:
    """What the rows name, each SKU once: by the first row with a price, whose title is the goods'.

    Rows without a price say what happened to the goods instead, as "damaged".
    """
    found: dict[str, RecordedVariant] = {}
    for document in documents:
        for row in document.rows:
            if row.product_key is None or ((known := found.get(row.sku)) and known.title):
                continue
            title = row.title if row.unit_price.micro else None
            if known is None:
                found[row.sku] = RecordedVariant(
                    row.product_key, title, row.sku, title, document.recorded_at
                )
            elif title:
                found[row.sku] = replace(known, product_title=title, title=title)
    return found.values()


def _customers(source: Source, documents: Iterable[Document]) -> Sequence[RecordedCustomer]:
    found: dict[str, RecordedCustomer] = {}
    for each in documents:
        if each.customer_key and each.customer_key not in found:
            found[each.customer_key] = RecordedCustomer(
                source.name, each.customer_key, None, each.country, each.recorded_at
            )
    return tuple(found.values())


def _lines(document: Document, variant_ids: Mapping[str, UUID]) -> Iterator[RecordedLine]:
    for kind, row in zip(document.kinds(), document.rows, strict=True):
        if kind in ORDERED:
            yield RecordedLine(
                kind=LineKind.CHARGE if row.product_key is None else LineKind.GOODS,
                variant_id=variant_ids.get(row.sku),
                sku=row.sku,
                title=row.title or row.sku,
                quantity=row.quantity,
                unit_price=row.unit_price,
            )


def _movements(
    document: Document,
    order: RecordedIds | None,
    variant_ids: Mapping[str, UUID],
    location_id: UUID,
) -> Iterator[RecordedMovement]:
    for kind, row in zip(document.kinds(), document.rows, strict=True):
        if row.product_key is None:
            continue
        movement_kind, from_id, to_id = _way(kind, location_id)
        ordered = order is not None and kind in ORDERED
        yield RecordedMovement(
            kind=movement_kind,
            variant_id=variant_ids[row.sku],
            from_location_id=from_id,
            to_location_id=to_id,
            quantity=abs(row.quantity),
            cause_kind="ord" if ordered else None,
            cause_id=order.order_id if order and ordered else None,
            reason=None if ordered else _reason(document, row),
            occurred_at=document.recorded_at,
        )


def _way(kind: RowKind, location_id: UUID) -> tuple[MovementKind, UUID, UUID]:
    """How a movement for a row is called, where from and where to."""
    match kind:
        case RowKind.WRITE_OFF:
            return MovementKind.SCRAP, location_id, SCRAP_ID
        case RowKind.FOUND:
            return MovementKind.CORRECTION, CORRECTION_ID, location_id
        case _:
            return MovementKind.SHIPMENT, location_id, CUSTOMER_ID


def _reason(document: Document, row: DocumentRow) -> str:
    """The document by its key, and what the row says of it."""
    return f"{document.key}: {row.title}" if row.title else document.key


def channel_of(uow: UnitOfWork, source: Source) -> UUID:
    """The channel of the source, made if there is none yet."""
    if found := orders.channels_by_codes(uow.db, [source.name]).get(source.name):
        return found.id
    return create_channel(
        uow,
        CreateChannel(
            code=source.name,
            name=source.title,
            currency=source.currency,
            number_prefix=source.number_prefix,
        ),
    )


def location_of(uow: UnitOfWork, source: Source) -> UUID:
    """The location of the source, made if there is none yet.

    The source names no receipts, so its stock is allowed to be below zero.
    """
    if found := stock.locations_by_codes(uow.db, [source.name]).get(source.name):
        return found.id
    return create_location(
        uow,
        CreateLocation(
            code=source.name,
            name=source.title,
            kind=LocationKind.WAREHOUSE,
            negative_allowed=True,
        ),
    )
