"""Counts on the wire."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.counts import model, queries
from backoffice_api.domain.counts.model import (
    ABC_DAYS_DEFAULT,
    AbcClass,
    CountLineSortKey,
    CountLineStatus,
    CountSortKey,
    CountStatus,
)
from backoffice_api.domain.counts.tables import count_lines
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.stock import queries as stock
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.queries.lots import lots_by_ids
from backoffice_api.domain.stock.tables import movements
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import (
    DateTimeFilter,
    IdFilter,
    SortDirection,
    filter_input,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.links import one
from backoffice_api.schema.lots import Lot
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload
from backoffice_api.schema.products import Variant
from backoffice_api.schema.stock import READ, Location, StockMovement

REVIEW = Scope.COUNTS_REVIEW

for _choices in (AbcClass, CountLineSortKey, CountLineStatus, CountStatus):
    choice(_choices)
choice(CountSortKey, name="CountTaskSortKey")


@described
class CountBooks:
    """What the books say now."""

    on_hand: int = about("How many pieces there should be.")


@node("cnl", model.CountLine, queries.lines_by_ids, scope=READ)
class CountLine(Node):
    """One variant in one bucket of one location, or one lot of it."""

    position: int = about("Its place in the count: place after place.")
    bucket: Bucket = about("In which condition the pieces are.")
    status: CountLineStatus = about("How far it is.")
    counted: int | None = about("How many pieces there were. Null: not counted, or to be again.")
    counted_at: datetime | None = about("When that was counted. Null: it was not.")
    first_counted: int | None = about("The first number, where it was counted again.", scope=REVIEW)
    expected: int | None = about(
        "What the books said at that moment. Null: it was not counted.", scope=REVIEW
    )
    variance: int | None = about(
        "Pieces too many; below zero: too few. Null: it was not counted.", scope=REVIEW
    )
    variant: Variant = one(products.variants_by_ids, "variant_id", "What is counted.")
    location: Location = one(stock.locations_by_ids, "location_id", "Where.")
    lot: Lot | None = one(lots_by_ids, "lot_id", "Which lot. Null: it is not tracked.")
    books: CountBooks | None = one(
        queries.books_by_lines, "id", "What the books say now. Null: the count is blind."
    )


@described
class CountProgress:
    """How far a count is."""

    lines: int = about("Lines there are.")
    counted: int = about("Lines that have their number.")
    differing: int = about("Lines that differ from the books.", scope=REVIEW)


@filter_input
class CountLineFilter:
    """Which lines. All words that are given must hold."""

    status: list[CountLineStatus] | None = about("In one of these states.", default=UNSET)
    variant_id: IdFilter | None = about("Of such a variant.", default=UNSET)
    location_id: IdFilter | None = about("At such a location.", default=UNSET)


@node("cnt", model.CountTask, queries.counts_by_ids, scope=READ)
class CountTask(Node, Versioned, HasTimeline):
    """A count of what lies at a location and its parts."""

    name: str | None = about("What people call it. Null: nothing.")
    status: CountStatus = about("How far it is.")
    blind: bool = about("Who counts does not see what is expected.")
    recount_pieces: int = about(
        "Lines that differ by more pieces than this, and by more percent, are counted again."
    )
    recount_percent: int = about(
        "How many percent of what is expected a line may differ by before it is counted again."
    )
    posted_at: datetime | None = about("When it was posted. Null: it was not.")
    actions: list[ActionState] = about("What can be done with it now.")
    location: Location = one(stock.locations_by_ids, "location_id", "Where is counted.")
    progress: CountProgress = one(queries.progress_by_counts, "id", "How far it is.")
    lines: Connection[CountLine] = listed_under(
        queries.line_list,
        count_lines.c.task_id,
        "What is counted, place after place.",
        filter=CountLineFilter,
    )
    movements: Connection[StockMovement] = listed_under(
        stock.movement_list, movements.c.cause_id, "What was moved by posting it."
    )


@filter_input
class CountTaskFilter:
    """Which counts. All words that are given must hold."""

    status: list[CountStatus] | None = about("In one of these states.", default=UNSET)
    location_id: IdFilter | None = about("Of such a location.", default=UNSET)
    created_at: DateTimeFilter | None = about("Planned at such a time.", default=UNSET)


@strawberry.input(description="The order of a list of counts.")
class CountTaskSort:
    key: CountSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@strawberry.input(description="What is to be counted.")
class CountPlanInput:
    location_id: strawberry.ID = about("Where: this location and all its parts.")
    name: str | None = about("What people call it.", default=None)
    variant_ids: list[strawberry.ID] | None = about(
        "Only these variants, at most 1,000. Null: all.", default=None
    )
    abc: list[AbcClass] = about(
        "Only variants of these classes, by what left for customers. Empty: of all.",
        default_factory=list,
    )
    abc_days: int = about("Of how many days, 1 to 730.", default=ABC_DAYS_DEFAULT)
    buckets: list[Bucket] = about(
        "Only pieces in these conditions. Empty: in all.", default_factory=list
    )
    empty: bool = about("Also where the books say that there is nothing.", default=False)
    blind: bool = about("Hide from who counts what is expected.", default=True)
    recount_pieces: int = about(
        "Lines that differ by more pieces than this, and by more percent, are counted again.",
        default=0,
    )
    recount_percent: int = about(
        "How many percent of what is expected a line may differ by before it is counted again.",
        default=5,
    )


@strawberry.input(description="What was found somewhere: in all, or scan by scan.")
class CountEntryInput:
    variant_id: strawberry.ID = about("What was found.")
    location_id: strawberry.ID = about("Where; what was not expected there becomes a line.")
    bucket: Bucket = about("In which condition.", default=Bucket.SELLABLE)
    lot_id: strawberry.ID | None = about("Which lot; needed for what is tracked.", default=None)
    quantity: int | None = about("How many pieces there are in all.", default=None)
    scanned: int | None = about("How many pieces more than were scanned before.", default=None)
    counted_at: datetime | None = about(
        "When it was counted, by a device that was out of reach. Null: now.", default=None
    )

    def value(self) -> model.CountEntry:
        """Raises: MalformedId."""
        return model.CountEntry(
            variant_id=ids.parse("sku", self.variant_id),
            location_id=ids.parse("loc", self.location_id),
            bucket=self.bucket,
            lot_id=given_id("lot", self.lot_id),
            quantity=self.quantity,
            scanned=self.scanned,
            counted_at=self.counted_at,
        )


@strawberry.input(description="What was found: all of it is written down, or nothing.")
class CountEnterInput:
    entries: list[CountEntryInput] = about("At most 1,000.")


@strawberry.input(description="What is to be counted again.")
class CountRecountInput:
    line_ids: list[strawberry.ID] = about(
        "Which lines. Empty: those that differ by more than the count allows.",
        default_factory=list,
    )


@error(model.LinesLeft)
class LinesLeftError(UserError):
    """Some lines have no number yet."""

    left: int = about("How many lines.")


@error(model.CountedAlready)
class CountedAlreadyError(UserError):
    """The line has its number, and nobody has asked to count it again."""

    counted: int = about("The number that it has.")


@payload
class CountTaskPayload(MutationPayload):
    """What a mutation of a count answers."""

    count_task: CountTask | None = one(
        queries.counts_by_ids, "value", "The count as it is now. Null if it was refused."
    )
