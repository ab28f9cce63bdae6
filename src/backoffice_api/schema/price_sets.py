"""Price sets on the wire: prices that change together, and what that does to margins."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.pricing import queries as pricing
from backoffice_api.domain.pricing.model import sets
from backoffice_api.domain.pricing.model.sets import PriceSetSortKey, PriceSetStatus
from backoffice_api.domain.pricing.queries import sets as queries
from backoffice_api.domain.pricing.tables import price_set_entries
from backoffice_api.domain.products import queries as products
from backoffice_api.schema.aggregates import ActionState, Actor, HasTimeline, actor_of
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.costs import PriceMargin
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.links import one
from backoffice_api.schema.money import UnitPrice, UnitPriceInput
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.pricing import PriceList
from backoffice_api.schema.products import Variant
from backoffice_api.schema.scalars import CurrencyCode

READ = Scope.PRODUCTS_READ

for _choices in (PriceSetSortKey, PriceSetStatus):
    choice(_choices)

_LIST = "The price list whose price it is. Null: it is the base price of the variant."
_MINIMUM = "From how many pieces on."


@described
class PriceSetEntry:
    """A price that a set puts into force."""

    minimum_quantity: int = about(_MINIMUM)
    unit_price: UnitPrice | None = about("The new price of one piece. Null: none from then on.")
    previous_price: UnitPrice | None = about(
        "What it was when the set began. Null: there was none, or the set has not begun."
    )
    variant: Variant = one(products.variants_by_ids, "variant_id", "What it is the price of.")
    price_list: PriceList | None = one(pricing.price_lists_by_ids, "price_list_id", _LIST)


@filter_input
class PriceSetEntryFilter:
    """Which prices of a set. All words that are given must hold."""

    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)


@node("pst", sets.PriceSet, queries.price_sets_by_ids, scope=READ)
class PriceSet(Node, Versioned, HasTimeline):
    """Prices that are agreed to, begin, and are undone together."""

    code: str = about("Its short name, unique.")
    name: str = about("Its name.")
    note: str = about("What it is for. Empty: nothing was said.")
    currency: CurrencyCode = about("The currency of its prices.")
    starts_at: datetime | None = about("When it begins. Null: as soon as it is agreed to.")
    ends_at: datetime | None = about("When it is undone by itself. Null: never.")
    status: PriceSetStatus = about("How far it has come.")
    activated_at: datetime | None = about("When it began. Null if it has not.")
    undone_at: datetime | None = about("When it was undone. Null if it was not.")
    left_alone: int = about(
        "How many prices were not taken back, as somebody had changed them since."
    )
    actions: list[ActionState] = about("What can be done with it now.")
    prices: Connection[PriceSetEntry] = listed_under(
        queries.entry_list,
        price_set_entries.c.price_set_id,
        "What it puts into force, at most 5,000 prices, in the order in which they were given.",
        filter=PriceSetEntryFilter,
    )

    @strawberry.field(description="Who made it, and therefore does not approve it.")
    def created_by(parent: strawberry.Parent[sets.PriceSet]) -> Actor:
        return actor_of(parent.created_by_kind, parent.created_by_id)


@described
class SimulatedPrice:
    """What becomes of one price, and of what is left of it above the cost."""

    minimum_quantity: int = about(_MINIMUM)
    old_price: UnitPrice | None = about("The price without the set. Null: there is none.")
    new_price: UnitPrice | None = about("The price with the set. Null: there is none.")
    unit_cost: UnitPrice | None = about(
        "What one piece costs the shop. Null: not known in this currency."
    )
    old_margin: PriceMargin | None = about("What is left of the old price. Null: not known.")
    new_margin: PriceMargin | None = about("What is left of the new price. Null: not known.")
    is_below_cost: bool = about("A warning: the new price is lower than the cost.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What it is the price of.")
    price_list: PriceList | None = one(pricing.price_lists_by_ids, "price_list_id", _LIST)


@described
class PriceSimulation:
    """What a price set does to prices and margins, or has done. Sums are of one piece each."""

    currency: CurrencyCode = about("The currency of all amounts.")
    changes: int = about("How many prices it is about.")
    raised: int = about("How many are higher than before.")
    lowered: int = about("How many are lower than before.")
    below_cost: int = about("How many lie below what the variant costs the shop.")
    without_cost: int = about("Of how many the cost is not known in this currency.")
    old_margin: UnitPrice = about(
        "What is left above the cost of all old prices that have a new one."
    )
    new_margin: UnitPrice = about("What is left above the cost of the new prices of the same.")
    lines: list[SimulatedPrice] = about("Price by price, as many as were asked for.")
    has_more: bool = about("Whether there are more lines behind these.")


@filter_input
class PriceSetFilter:
    """Which price sets. All words that are given must hold."""

    status: list[PriceSetStatus] | None = about("In one of these states.", default=UNSET)
    code: StringFilter | None = about("By code.", default=UNSET)
    variant_id: IdFilter | None = about("With a price of such a variant.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of price sets.")
class PriceSetSort:
    key: PriceSetSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(one_of=True, description="Names one price set, in one of these ways.")
class PriceSetLookup:
    id: strawberry.ID | None = about("By its id.", default=UNSET)
    code: str | None = about("By its code.", default=UNSET)


@strawberry.input(description="A price set to be made.")
class PriceSetCreateInput:
    code: str = about("Its short name, unique, at most 80 characters.")
    name: str = about("Its name, at most 250 characters.")
    currency: CurrencyCode = about("The currency of its prices.")
    note: str = about("What it is for, at most 1,000 characters.", default="")
    starts_at: datetime | None = about("When it begins. Null: once it is agreed to.", default=None)
    ends_at: datetime | None = about("When it is undone by itself. Null: never.", default=None)


@strawberry.input(description="What is to change of a price set. What is absent stays.")
class PriceSetUpdateInput:
    name: str | None = about("Its name.", default=UNSET)
    note: str | None = about("What it is for.", default=UNSET)
    starts_at: datetime | None = about("When it begins; null: once agreed to.", default=UNSET)
    ends_at: datetime | None = about("When it is undone by itself; null: never.", default=UNSET)


@strawberry.input(description="A price that a set is to put into force.")
class PriceSetEntryInput:
    variant_id: strawberry.ID = about("What it is the price of.")
    unit_price: UnitPriceInput | None = about("The price of one piece. Null: none from then on.")
    price_list_id: strawberry.ID | None = about(_LIST, default=None)
    minimum_quantity: int = about(
        "From how many pieces on; above 1 in a price list only.", default=1
    )

    def value(self) -> sets.EntryDraft:
        """Raises: MalformedId, TooPrecise, AmountTooLarge."""
        target = sets.Target(
            given_id("pls", self.price_list_id),
            ids.parse("sku", self.variant_id),
            self.minimum_quantity,
        )
        price = self.unit_price.value() if self.unit_price else None
        return sets.EntryDraft(target=target, unit_price=price)


@strawberry.input(description="Prices that a set is to put into force: all of them, or none.")
class PriceSetSetPricesInput:
    prices: list[PriceSetEntryInput] = about("At most 1,000; a set holds at most 5,000.")
    replace: bool = about(
        "True: they are all that the set changes. False: what it says of others stays.",
        default=False,
    )


@payload
class PriceSetPayload(MutationPayload):
    """What a mutation of a price set answers."""

    price_set: PriceSet | None = one(
        queries.price_sets_by_ids, "value", "The set as it is now. Null if it was refused."
    )
