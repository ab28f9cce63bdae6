"""What print streams are made of."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentState
from backoffice_api.domain.fulfillment.tables import fulfillments
from backoffice_api.domain.invoicing.model.sellers import Seller
from backoffice_api.domain.invoicing.tables import invoices, seller_channels, sellers
from backoffice_api.domain.kernel.rows import among, columns_of


def fulfillments_of_orders(
    db: Connection, order_ids: Iterable[UUID]
) -> Mapping[UUID, Sequence[UUID]]:
    """Ids of the fulfillments of orders that are not cancelled, by order, oldest first."""
    statement = (
        select(fulfillments.c.order_id, fulfillments.c.id)
        .where(
            among(fulfillments.c.order_id, order_ids),
            fulfillments.c.status != FulfillmentState.CANCELLED,
        )
        .order_by(fulfillments.c.created_at, fulfillments.c.id)
    )
    found: dict[UUID, list[UUID]] = {}
    for order_id, id in db.execute(statement):
        found.setdefault(order_id, []).append(id)
    return found


def invoices_of_fulfillments(
    db: Connection, fulfillment_ids: Iterable[UUID]
) -> Mapping[UUID, Sequence[UUID]]:
    """Ids of the invoices and credit notes over fulfillments, oldest first."""
    statement = (
        select(invoices.c.fulfillment_id, invoices.c.id)
        .where(among(invoices.c.fulfillment_id, fulfillment_ids))
        .order_by(invoices.c.created_at, invoices.c.id)
    )
    found: dict[UUID, list[UUID]] = {}
    for fulfillment_id, id in db.execute(statement):
        found.setdefault(fulfillment_id, []).append(id)
    return found


def sellers_by_channels(db: Connection, channel_ids: Iterable[UUID]) -> Mapping[UUID, Seller]:
    """Who sells in channels. Those where nobody was named are left out."""
    statement = (
        select(seller_channels.c.channel_id, *columns_of(Seller, sellers))
        .join(sellers, sellers.c.id == seller_channels.c.seller_id)
        .where(among(seller_channels.c.channel_id, channel_ids))
    )
    return {channel_id: Seller(*row) for channel_id, *row in db.execute(statement)}
