"""What a channel says that it may sell, compared with what it was told, on the wire."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import strawberry
from sqlalchemy import Connection

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders.model import channel_drift as model
from backoffice_api.domain.products import queries as products
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.links import many, one
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.products import Variant


@described
class ChannelStockComparison:
    """What a channel has of a variant, what it should have, and what it is to be told now."""

    reported: int | None = about("Pieces that it may sell, it says. Null: it was only told.")
    expected: int | None = about(
        "Pieces that it was told, less what it sold since. Null: it was never told."
    )
    drift: int | None = about("So many more were reported; below zero: fewer. Null: not known.")
    quantity: int = about("Pieces that it may sell now: what to tell it.")
    variant: Variant | None = one(products.variants_by_ids, "variant_id", "The variant.")


@strawberry.input(description="A channel that is told what it may sell of variants.")
class ChannelStockTellInput:
    channel_id: strawberry.ID = about("Which channel.")
    variant_ids: list[strawberry.ID] = about("Which variants, each once; at most 1,000.")


@strawberry.input(description="So many pieces of a variant may be sold, a channel says.")
class ChannelStockReportInput:
    variant_id: strawberry.ID = about("The variant; each once.")
    quantity: int = about("Pieces that it shows for sale.")


@strawberry.input(description="What a channel says of the stock that it may sell.")
class ChannelStockReconcileInput:
    channel_id: strawberry.ID = about("Which channel.")
    reported_at: datetime | None = about("Of which moment that is. Null: of now.", default=None)
    lines: list[ChannelStockReportInput] = about("At most 1,000.")

    def reported(self) -> tuple[model.ChannelReport, ...]:
        """Raises: MalformedId."""
        return tuple(
            model.ChannelReport(
                variant_id=ids.parse("sku", each.variant_id), quantity=each.quantity
            )
            for each in self.lines
        )


def _lines(
    _: Connection, keys: Iterable[model.ChannelCompared]
) -> Mapping[model.ChannelCompared, Sequence[model.ChannelDrift]]:
    return {each: each.lines for each in keys}


@payload
class ChannelStockComparedPayload(MutationPayload):
    """What telling a channel, or its report, came to."""

    lines: list[ChannelStockComparison] = many(
        _lines, "value", "The lines, in the order of the input. Empty if it was refused."
    )
