"""What a location reports of its stock, compared with our books, on the wire."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from sqlalchemy import Connection

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.model import reconciling
from backoffice_api.domain.stock.model.locations import Location as LocationRow
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.links import many, one
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.stock import Location


@described
class StockComparison:
    """What was reported of a variant, and what our books held of that moment."""

    reported: int = about("Pieces that there were, by the report.")
    expected: int = about("Pieces that there were, by our books.")
    drift: int = about("So many more were reported; below zero: fewer. It was posted.")
    variant: Variant | None = one(products.variants_by_ids, "variant_id", "The variant.")


@strawberry.input(description="So many pieces of a variant were there.")
class StockReportLineInput:
    variant_id: strawberry.ID = about("The variant; each once.")
    quantity: int = about("Sellable pieces that there were.")


@strawberry.input(description="What a location has by the books of whoever keeps it.")
class StockReconcileInput:
    location_id: strawberry.ID = about("The location, not its parts.")
    reported_at: datetime | None = about("Of which moment that is. Null: of now.", default=None)
    lines: list[StockReportLineInput] = about("At most 1,000. What is not named is not compared.")

    def reported(self) -> tuple[reconciling.ReportedLine, ...]:
        """Raises: MalformedId."""
        return tuple(
            reconciling.ReportedLine(
                variant_id=ids.parse("sku", each.variant_id), quantity=each.quantity
            )
            for each in self.lines
        )


def _compared(
    _: Connection, keys: Iterable[reconciling.Reconciled]
) -> Mapping[reconciling.Reconciled, Sequence[reconciling.Compared]]:
    return {each: each.lines for each in keys}


def _locations(
    db: Connection, keys: Iterable[reconciling.Reconciled]
) -> Mapping[reconciling.Reconciled, LocationRow]:
    wanted = tuple(keys)
    found: Mapping[UUID, LocationRow] = queries.locations_by_ids(
        db, {each.location_id for each in wanted}
    )
    return {each: found[each.location_id] for each in wanted}


@payload
class StockReconcilePayload(MutationPayload):
    """What a report of stock came to."""

    location: Location | None = one(
        _locations, "value", "The location. Null if the report was refused."
    )
    lines: list[StockComparison] = many(
        _compared, "value", "The lines, in the order of the input. Empty if it was refused."
    )
