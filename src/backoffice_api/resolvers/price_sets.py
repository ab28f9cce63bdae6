"""What can be asked and done with price sets."""

from collections.abc import Mapping
from datetime import UTC, datetime
from inspect import Parameter
from typing import Annotated, Any

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import OutOfRange
from backoffice_api.domain.pricing.commands import beginning
from backoffice_api.domain.pricing.commands import sets as on_sets
from backoffice_api.domain.pricing.model import sets
from backoffice_api.domain.pricing.queries import sets as queries
from backoffice_api.schema.connections import Connection, Count, asked, counted, listed, parameter
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.price_sets import (
    READ,
    PriceSet,
    PriceSetCreateInput,
    PriceSetFilter,
    PriceSetLookup,
    PriceSetPayload,
    PriceSetSetPricesInput,
    PriceSetSort,
    PriceSetUpdateInput,
    PriceSimulation,
)

_Id = Annotated[strawberry.ID, strawberry.argument(description="Which set.")]
_First = Annotated[int, strawberry.argument(description="How many lines, 1 to 250.")]
_Skip = Annotated[int, strawberry.argument(description="Behind so many lines, at most 5,000.")]
_Below = Annotated[bool, strawberry.argument(description="Only lines that lie below the cost.")]


def _simulation(
    db: Database, context: Context, arguments: Mapping[str, Any]
) -> sets.PriceSimulation:
    context.caller.require(Scope.PRODUCTS_READ)
    first, skip = arguments["first"], arguments["skip"]
    if not 1 <= first <= sets.PAGE_MAX:
        raise OutOfRange(1, sets.PAGE_MAX)
    if not 0 <= skip <= sets.ENTRIES_MAX:
        raise OutOfRange(0, sets.ENTRIES_MAX)
    return queries.simulation(
        db,
        ids.parse("pst", arguments["id"]),
        datetime.now(UTC),
        first=first,
        skip=skip,
        below_cost=arguments["below_cost"],
    )


@strawberry.type
class PriceSetQuery:
    price_set: PriceSet | None = lookup(
        PriceSetLookup,
        "One price set. Null if there is none.",
        {
            "id": by_id("pst", queries.price_sets_by_ids),
            "code": Way(queries.price_sets_by_codes, str),
        },
        scope=READ,
    )
    price_sets: Connection[PriceSet] = listed(
        queries.price_set_list,
        "Price sets, newest first.",
        scope=READ,
        filter=PriceSetFilter,
        sort=PriceSetSort,
    )
    price_sets_count: Count = counted(
        queries.price_set_list,
        "How many price sets there are.",
        scope=READ,
        filter=PriceSetFilter,
    )
    price_set_simulation: PriceSimulation = asked(
        _simulation,
        [
            parameter("id", _Id, Parameter.empty),
            parameter("first", _First, 100),
            parameter("skip", _Skip, 0),
            parameter("below_cost", _Below, False),
        ],
        "What a price set does to prices and margins, before it begins; or has done, since. Takes "
        "products:read, too.",
        scope=Scope.COSTS_READ,
        weight=20,
        multipliers=["first"],
    )


@strawberry.type
class PriceSetMutation:
    @mutation(on_sets.create_price_set, PriceSetPayload)
    def price_set_create(input: PriceSetCreateInput) -> on_sets.CreatePriceSet:
        """Make a price set: prices that are agreed to, begin, and are undone together."""
        return on_sets.CreatePriceSet(
            code=input.code,
            name=input.name,
            currency=input.currency,
            note=input.note,
            starts_at=input.starts_at,
            ends_at=input.ends_at,
        )

    @mutation(on_sets.update_price_set, PriceSetPayload)
    def price_set_update(id: strawberry.ID, input: PriceSetUpdateInput) -> on_sets.UpdatePriceSet:
        """Change a draft of a price set. What is absent stays; null clears."""
        return on_sets.UpdatePriceSet(
            id=ids.parse("pst", id),
            name=keep(input.name),
            note=keep(input.note),
            starts_at=keep(input.starts_at, nullable=True),
            ends_at=keep(input.ends_at, nullable=True),
        )

    @mutation(on_sets.set_prices_of_set, PriceSetPayload)
    def price_set_set_prices(
        id: strawberry.ID, input: PriceSetSetPricesInput
    ) -> on_sets.SetPricesOfSet:
        """Say which prices a draft puts into force: base prices, and prices of lists."""
        prices = tuple(each.value() for each in input.prices)
        return on_sets.SetPricesOfSet(
            id=ids.parse("pst", id), prices=prices, replaces=input.replace
        )

    @mutation(on_sets.submit_price_set, PriceSetPayload)
    def price_set_submit(id: strawberry.ID) -> on_sets.SubmitPriceSet:
        """Have a set begin at its moment, once somebody else agrees where a rule asks for it."""
        return on_sets.SubmitPriceSet(id=ids.parse("pst", id))

    @mutation(on_sets.cancel_price_set, PriceSetPayload)
    def price_set_cancel(id: strawberry.ID) -> on_sets.CancelPriceSet:
        """Call off a set that has not begun."""
        return on_sets.CancelPriceSet(id=ids.parse("pst", id))

    @mutation(beginning.undo_price_set, PriceSetPayload)
    def price_set_undo(id: strawberry.ID) -> beginning.UndoPriceSet:
        """Have what was before a set apply again, from now on. What applied since stays known."""
        return beginning.UndoPriceSet(id=ids.parse("pst", id))
