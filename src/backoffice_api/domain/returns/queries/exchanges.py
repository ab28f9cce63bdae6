"""What can be asked about exchanges."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, many_per, one_per, select_as
from backoffice_api.domain.returns.model.exchanges import (
    LIVE,
    Exchange,
    ExchangedPieces,
    ExchangeLine,
    ExchangeSortKey,
    UnknownExchange,
)
from backoffice_api.domain.returns.tables.exchanges import (
    exchange_lines,
    exchanged_pieces,
    exchanges,
)

exchanges_by_ids = one_per(Exchange, exchanges, exchanges.c.id)
exchanges_by_orders = one_per(Exchange, exchanges, exchanges.c.order_id)
exchanges_by_returns = many_per(
    Exchange, exchanges, exchanges.c.return_id, exchanges.c.created_at, exchanges.c.id
)
lines_by_exchanges = many_per(
    ExchangeLine,
    exchange_lines,
    exchange_lines.c.exchange_id,
    exchange_lines.c.position,
    exchange_lines.c.id,
)
pieces_by_exchanges = many_per(
    ExchangedPieces,
    exchanged_pieces,
    exchanged_pieces.c.exchange_id,
    exchanged_pieces.c.line_id,
)

exchange_list = Listing(
    Exchange,
    exchanges,
    sorts={
        ExchangeSortKey.CREATED_AT: exchanges.c.created_at,
        ExchangeSortKey.UPDATED_AT: exchanges.c.updated_at,
    },
    words={
        "status": On(exchanges.c.status),
        "return_id": On(exchanges.c.return_id),
        "order_id": On(exchanges.c.order_id),
        "number": On(exchanges.c.number),
        "created_at": On(exchanges.c.created_at),
    },
)


def exchange(db: Connection, id: UUID) -> Exchange:
    """Raises: UnknownExchange."""
    if found := exchanges_by_ids(db, [id]).get(id):
        return found
    raise UnknownExchange(id).at("id")


def live_exchange(db: Connection, return_id: UUID) -> Exchange | None:
    """The exchange of a return that is not settled, locked. The return must be locked."""
    statement = select_as(Exchange, exchanges).where(
        exchanges.c.return_id == return_id, exchanges.c.status.in_(LIVE)
    )
    return next(iter(fetch(db, Exchange, statement.with_for_update())), None)


def lines_of(db: Connection, exchange_id: UUID) -> Sequence[ExchangeLine]:
    return lines_by_exchanges(db, [exchange_id]).get(exchange_id, ())
