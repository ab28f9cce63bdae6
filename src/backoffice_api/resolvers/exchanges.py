"""What can be asked and done with exchanges."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.returns.commands import exchanging
from backoffice_api.domain.returns.queries import exchanges as queries
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.exchanges import (
    Exchange,
    ExchangeCreateInput,
    ExchangeFilter,
    ExchangePayload,
    ExchangeSettleInput,
    ExchangeSort,
)
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.returns import READ


@strawberry.type
class ExchangeQuery:
    exchange: Exchange | None = found_by_id(
        "exc",
        queries.exchanges_by_ids,
        "Its id.",
        "One exchange. Null if there is none.",
        scope=READ,
    )
    exchanges: Connection[Exchange] = listed(
        queries.exchange_list,
        "Exchanges, newest first.",
        scope=READ,
        filter=ExchangeFilter,
        sort=ExchangeSort,
    )
    exchanges_count: Count = counted(
        queries.exchange_list, "How many exchanges there are.", scope=READ, filter=ExchangeFilter
    )


@strawberry.type
class ExchangeMutation:
    @mutation(exchanging.create_exchange, ExchangePayload)
    def exchange_create(input: ExchangeCreateInput) -> exchanging.CreateExchange:
        """Send other goods for those that come back.

        They are reserved when the return is approved; if it is already, now.
        """
        return exchanging.CreateExchange(
            return_id=ids.parse("ret", input.return_id),
            lines=tuple(
                exchanging.OutgoingLine(
                    variant_id=ids.parse("sku", each.variant_id),
                    quantity=each.quantity,
                    unit_price=each.unit_price.value() if each.unit_price else None,
                )
                for each in input.lines
            ),
            send_when=input.send_when,
        )

    @mutation(exchanging.settle_exchange, ExchangePayload)
    def exchange_settle(id: strawberry.ID, input: ExchangeSettleInput) -> exchanging.SettleExchange:
        """Settle the difference, once all that came is inspected."""
        return exchanging.SettleExchange(
            id=ids.parse("exc", id), method=input.method, destination=input.destination
        )

    @mutation(exchanging.cancel_exchange, ExchangePayload)
    def exchange_cancel(id: strawberry.ID) -> exchanging.CancelExchange:
        """Call off an exchange whose goods are in the house; its order is cancelled."""
        return exchanging.CancelExchange(id=ids.parse("exc", id))
