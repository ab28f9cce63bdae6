"""Transfers on the wire."""

from datetime import date, datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.tables import movements
from backoffice_api.domain.transfers import model, queries
from backoffice_api.domain.transfers.model import TransferSortKey, TransferStatus
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateFilter,
    DateTimeFilter,
    IdFilter,
    SortDirection,
    StringFilter,
    filter_input,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.links import many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.stock import READ, Location, StockMovement

for _choices in (TransferSortKey, TransferStatus):
    choice(_choices)


@node("trl", model.TransferLine, queries.lines_by_ids, scope=READ)
class TransferLine(Node):
    """So many pieces of one variant."""

    position: int = about("Its place in the transfer, from 0.")
    quantity: int = about("Pieces that are to be transferred.")
    shipped: int = about("Of these, pieces that left.")
    received: int = about("Pieces that arrived and were accepted.")
    rejected: int = about("Pieces that arrived and were put into quarantine.")
    lost: int = about("Pieces that never arrived and were written off.")
    in_transit: int = about("Pieces that are on their way now.")
    variant: Variant = one(products.variants_by_ids, "variant_id", "What is transferred.")


@node("trf", model.Transfer, queries.transfers_by_ids, scope=READ)
class Transfer(Node, Versioned, HasTimeline):
    """Pieces that go from one location of the shop to another one."""

    status: TransferStatus = about("How far it is.")
    actions: list[ActionState] = about("What can be done with it now.")
    reference: str | None = about("What people call it. Null: nothing.")
    expected_on: date | None = about("When it should arrive. Null: nobody said.")
    shipped_at: datetime | None = about("When it left. Null: it did not.")
    received_at: datetime | None = about("When the last of it arrived. Null: it did not.")
    from_location: Location | None = one(
        stock.locations_by_ids,
        "from_location_id",
        "Where it leaves. Null: it is out of your reach.",
    )
    to_location: Location | None = one(
        stock.locations_by_ids, "to_location_id", "Where it goes. Null: it is out of your reach."
    )
    lines: list[TransferLine] = many(
        queries.lines_by_transfers, "id", "What it is of, at most 500, in their order."
    )
    movements: Connection[StockMovement] = listed_under(
        stock.movement_list, movements.c.cause_id, "What was moved for it, newest first."
    )


@filter_input
class TransferFilter:
    """Which transfers. All words that are given must hold."""

    status: list[TransferStatus] | None = about("In one of these states.", default=UNSET)
    from_location_id: IdFilter | None = about("That leave there.", default=UNSET)
    to_location_id: IdFilter | None = about("That go there.", default=UNSET)
    variant_id: IdFilter | None = about("Of such a variant, among others.", default=UNSET)
    reference: StringFilter | None = about("By what people call them.", default=UNSET)
    expected_on: DateFilter | None = about("Expected on such a day.", default=UNSET)
    created_at: DateTimeFilter | None = about("Made at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of transfers.")
class TransferSort:
    key: TransferSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="What is to be transferred.")
class TransferLineInput:
    variant_id: strawberry.ID = about("Which variant.")
    quantity: int = about("How many pieces, above zero.")

    def value(self) -> model.LineDraft:
        """Raises: MalformedId."""
        return model.LineDraft(variant_id=ids.parse("sku", self.variant_id), quantity=self.quantity)


@strawberry.input(description="A transfer to be made.")
class TransferCreateInput:
    from_location_id: strawberry.ID = about("Where it leaves: this location or any part of it.")
    to_location_id: strawberry.ID = about("Where it goes.")
    lines: list[TransferLineInput] = about("At most 500, each of another variant.")
    reference: str | None = about("What people call it.", default=None)
    expected_on: date | None = about("When it should arrive.", default=None)


@strawberry.input(description="What is to change of a draft. What is absent stays.")
class TransferUpdateInput:
    lines: list[TransferLineInput] | None = about(
        "What it is of; takes the place of all it had.", default=UNSET
    )
    reference: str | None = about("What people call it; null: nothing.", default=UNSET)
    expected_on: date | None = about("When it should arrive; null: not known.", default=UNSET)


@strawberry.input(description="So many pieces of a lot.")
class TransferLotInput:
    lot_id: strawberry.ID = about("Which lot.")
    quantity: int = about("How many pieces of it.")

    def value(self) -> model.LotQuantity:
        """Raises: MalformedId."""
        return model.LotQuantity(lot_id=ids.parse("lot", self.lot_id), quantity=self.quantity)


@strawberry.input(description="How many pieces of a line are shipped.")
class TransferShipLineInput:
    line_id: strawberry.ID = about("Which line.")
    quantity: int = about("How many pieces; the rest of the line is held no more.")
    lots: list[TransferLotInput] | None = about(
        "Which lots are taken. Null: those that expire first.", default=None
    )

    def value(self) -> model.ShipLine:
        """Raises: MalformedId."""
        return model.ShipLine(
            line_id=ids.parse("trl", self.line_id),
            quantity=self.quantity,
            lots=None if self.lots is None else tuple(each.value() for each in self.lots),
        )


@strawberry.input(description="What of a transfer leaves.")
class TransferShipInput:
    lines: list[TransferShipLineInput] = about("Which lines. Empty: all.", default_factory=list)


@strawberry.input(description="What has arrived of a line.")
class TransferReceiveLineInput:
    line_id: strawberry.ID = about("Which line.")
    accepted: int = about("Pieces that are fit for sale.", default=0)
    rejected: int = about("Pieces that go into quarantine.", default=0)
    lot_id: strawberry.ID | None = about(
        "Of which lot. Null: of any that was shipped.", default=None
    )

    def value(self) -> model.ReceiveLine:
        """Raises: MalformedId."""
        return model.ReceiveLine(
            line_id=ids.parse("trl", self.line_id),
            accepted=self.accepted,
            rejected=self.rejected,
            lot_id=given_id("lot", self.lot_id),
        )


@strawberry.input(description="What of a transfer has arrived.")
class TransferReceiveInput:
    lines: list[TransferReceiveLineInput] = about(
        "Which lines. Empty: all that is on its way is accepted.", default_factory=list
    )


@error(model.MoreThanInTransit)
class MoreThanInTransitError(UserError):
    """More pieces of a line are to be received than are on their way."""

    requested: int = about("How many pieces were to be received.")
    in_transit: int = about("How many are on their way.")


@payload
class TransferPayload(MutationPayload):
    """What a mutation of a transfer answers."""

    transfer: Transfer | None = one(
        queries.transfers_by_ids, "value", "The transfer as it is now. Null if it was refused."
    )
