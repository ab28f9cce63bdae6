"""What a scanner may see and send under its own right, on the wire: codes in, no levels out."""

from datetime import datetime

import strawberry

from backoffice_api.context import Outcome
from backoffice_api.domain.counts.model import CountLineStatus
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.scanning.model import sheets
from backoffice_api.domain.scanning.model.tasks import TaskKind
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.payloads import MutationPayload, payload

for _choices in (CountLineStatus, TaskKind):
    choice(_choices)


@described
class DeviceTask:
    """Something that is open, in words: without a way to levels, and without how many there are."""

    kind: TaskKind = about("What is to be done.")
    title: str = about("What it is about, as the number of an order. Empty if it has no name.")
    subject_id: strawberry.ID = about("Id of what it is about.")
    since: datetime = about("Since when it is open.")
    sku: str | None = about("SKU of the pieces. Null: of several.")
    lot: str | None = about("Code of their lot. Null: of any, or they have none.")
    bucket: Bucket | None = about("Their condition. Null: sellable, or no matter.")
    from_location: str | None = about("Code of where they are. Null: not said.")
    to_location: str | None = about("Code of where they are to go. Null: nowhere else.")


@described
class CountSheetLine:
    """What is to be counted at one place."""

    position: int = about("Its place in the count: place after place.")
    sku: str = about("What is counted.")
    location: str = about("Code of where.")
    bucket: Bucket = about("In which condition the pieces are.")
    lot: str | None = about("Code of the lot. Null: it is not tracked.")
    status: CountLineStatus = about("How far it is.")
    counted: int | None = about("What was entered. Null: nothing, or it is to be counted again.")


@strawberry.input(description="What was found at a place: a number of all there were, or of scans.")
class CountScanEntryInput:
    code: str = about("What was read, or an SKU or id of a variant.")
    location: str = about("Where, by code or id.")
    quantity: int | None = about("All there were, in packs of that code.", default=None)
    scanned: int | None = about(
        "So many more were scanned; either this or a quantity.", default=None
    )
    bucket: Bucket = about("In which condition.", default=Bucket.SELLABLE)
    lot: str | None = about("Code of the lot, if what was read does not say it.", default=None)
    counted_at: datetime | None = about("When. Null: now.", default=None)

    def value(self) -> sheets.CodeEntry:
        return sheets.CodeEntry(
            code=self.code,
            location=self.location,
            quantity=self.quantity,
            scanned=self.scanned,
            bucket=self.bucket,
            lot=self.lot,
            counted_at=self.counted_at,
        )


@strawberry.input(description="What was found: all of it is written down, or nothing.")
class CountScanInput:
    entries: list[CountScanEntryInput] = about("At most 1,000.")


@payload
class CountScanPayload(MutationPayload):
    """What entering scans of a count answers; nothing of what the books say."""

    @strawberry.field(description="Id of the count. Null if it was refused.")
    def count_id(parent: strawberry.Parent[Outcome]) -> strawberry.ID | None:
        return strawberry.ID(ids.text("cnt", parent.value)) if parent.value else None
